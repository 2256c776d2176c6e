import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { readLog } from './logs/read-log.ts';
import { canExec } from './probes/probe-target.ts';
import { type Container, type ContainerConfig, canPrepare, type Provider } from './provider.ts';

/** Longer than most starts take, in milliseconds. */
const heldFor = 300;

/** Programs that a provider's containers can run, in whatever form it runs programs. */
export interface ContractPrograms {
  /** Writes `hello` to stdout and ends with 0. */
  readonly hello: ContractProgram;
  /** Ends with 3. */
  readonly fails: ContractProgram;
  /** Writes the value of the variable WHO. */
  readonly environment: ContractProgram;
  /** Writes its arguments, args[0] left out, one a line. */
  readonly echo: ContractProgram;
  /** Runs until it is ended, and does not mind a signal to end. */
  readonly forever: ContractProgram;
}

/** What of a container's config runs a program. */
export type ContractProgram = Pick<ContainerConfig, 'image' | 'command' | 'args'>;

/** A provider under test, as in one life of a daemon. */
export interface ContractSubject extends AsyncDisposable {
  readonly provider: Provider;
  readonly programs: ContractPrograms;
  /**
   * Ends this life and begins another one over the same directory; absent where the provider
   * cannot find its containers again.
   */
  restart?(): Promise<Provider>;
}

/**
 * The contract of the kubelet's port `Provider`, as tests: any implementation runs them.
 *
 * @param create makes a provider that keeps its things under a directory
 */
export function providerContract(
  name: string,
  create: (directory: string) => Promise<ContractSubject>,
): void {
  describe(`Provider contract: ${name}`, () => {
    let directory = '';
    let subject: ContractSubject;
    let count = 0;
    before(async () => {
      directory = await mkdtemp(path.join(tmpdir(), 'krustlet-contract-'));
      subject = await create(directory);
    });
    after(async () => {
      await subject[Symbol.asyncDispose]();
      await rm(directory, { recursive: true, force: true });
    });

    function configOf(program: ContractProgram, changes: Partial<ContainerConfig> = {}) {
      count += 1;
      const id = `contract-${count}`;
      const isRoot = process.getuid?.() === 0;
      const uid = isRoot ? 65534 : (process.getuid?.() ?? 0);
      return {
        id,
        pod: { namespace: 'default', name: 'pod', uid: 'uid-1' },
        name: 'app',
        attempt: 0,
        ...program,
        runtimeHandler: '',
        env: [],
        mounts: [],
        ports: [],
        podIPs: ['127.64.0.9'],
        hostname: 'pod',
        stdin: false,
        stdinOnce: false,
        tty: false,
        user: { uid, gid: uid, groups: [] },
        resources: {},
        log: { path: path.join(directory, 'logs', id, '0.log'), maxBytes: 1e6, maxFiles: 2 },
        annotations: {},
        ...changes,
      } satisfies ContainerConfig;
    }

    async function outputOf({ config }: Container): Promise<string> {
      const chunks: Uint8Array[] = [];
      for await (const { bytes } of readLog(config.log)) chunks.push(bytes);
      return Buffer.concat(chunks).toString();
    }

    it('describes the node the same way each time', async () => {
      const description = await subject.provider.describe();
      assert.deepEqual(await subject.provider.describe(), description);
      assert.ok(description.runtimeHandlers.includes(''), 'has a default handler');
      assert.match(description.runtimeVersion, /^\w+:\/\/\S+$/);
    });

    it('runs a container to its end, and its log is complete by then', async () => {
      const container = await subject.provider.start(configOf(subject.programs.hello));
      const exit = await container.exited;
      assert.deepEqual([exit.exitCode, exit.reason], [0, 'Completed']);
      assert.deepEqual(container.exit, exit);
      assert.ok(exit.finishedAt >= exit.startedAt);
      assert.equal(await outputOf(container), 'hello\n');
      assert.match(await readFile(container.config.log.path, 'utf8'), /^\S+Z stdout F hello\n$/);
      await container.remove();
    });

    it('tells the exit code', async () => {
      const container = await subject.provider.start(configOf(subject.programs.fails));
      const { exitCode, reason, signal } = await container.exited;
      assert.deepEqual([exitCode, reason, signal], [3, 'Error', undefined]);
      await container.remove();
    });

    it('gives the environment and the arguments', async () => {
      const env = [{ name: 'WHO', value: 'a b=c' }];
      const withEnv = await subject.provider.start(configOf(subject.programs.environment, { env }));
      await withEnv.exited;
      assert.equal(await outputOf(withEnv), 'a b=c\n');
      const withArgs = await subject.provider.start(configOf(subject.programs.echo));
      await withArgs.exited;
      assert.equal(await outputOf(withArgs), 'one\ntwo three\n');
      await Promise.all([withEnv.remove(), withArgs.remove()]);
    });

    it('refuses a program that is not there, and leaves nothing', async () => {
      const image = { ...subject.programs.hello.image, path: path.join(directory, 'missing') };
      const start = subject.provider.start(configOf({ image }));
      await assert.rejects(
        start.then((container) =>
          container.exited.then(({ exitCode }) => assert.equal(exitCode, 0)),
        ),
      );
    });

    it('runs no program before what it waits for is there, where it can prepare', async (test) => {
      const { provider, programs } = subject;
      if (!canPrepare(provider)) return test.skip('it cannot');
      const config = configOf(programs.hello);
      const { promise: ready, resolve } = Promise.withResolvers<void>();
      const starting = provider.startWhen(ready, config);
      await sleep(heldFor);
      assert.equal(await readFile(config.log.path, 'utf8').catch(() => ''), '');
      resolve();
      const container = await starting;
      assert.equal((await container.exited).exitCode, 0);
      assert.match(await readFile(config.log.path, 'utf8'), /hello\n$/);
      await container.remove();
    });

    it('leaves nothing of a container whose wait ends badly, where it can prepare', async (test) => {
      const { provider, programs } = subject;
      if (!canPrepare(provider)) return test.skip('it cannot');
      const config = configOf(programs.hello);
      const ready = sleep(heldFor).then(() => Promise.reject(new Error('never')));
      await assert.rejects(provider.startWhen(ready, config));
      assert.equal(await readFile(config.log.path, 'utf8').catch(() => ''), '');
      const left = await provider.list();
      assert.ok(left.every(({ id }) => id !== config.id));
    });

    it('ends a container by a signal, and says which', async () => {
      const container = await subject.provider.start(configOf(subject.programs.forever));
      assert.equal(container.exit, undefined);
      const exit = await container.stop(5);
      assert.deepEqual([exit.exitCode, exit.signal], [143, 15]);
      assert.deepEqual(await container.stop(5), exit, 'stopping again gives the same end');
      assert.equal(await container.usage(), undefined);
      await container.remove();
      await container.remove();
    });

    it('ends several containers side by side', async () => {
      const configs = Array.from({ length: 5 }, () => configOf(subject.programs.forever));
      const containers = await Promise.all(configs.map((item) => subject.provider.start(item)));
      const exits = await Promise.all(containers.map((container) => container.stop(0)));
      assert.ok(exits.every(({ exitCode }) => exitCode > 128));
      await Promise.all(containers.map((container) => container.remove()));
    });

    it('measures a container while it runs, where it measures', async () => {
      const container = await subject.provider.start(configOf(subject.programs.forever));
      const usage = await container.usage();
      if (usage !== undefined) {
        assert.ok(usage.memoryWorkingSetBytes > 0);
        assert.ok(usage.processes >= 1);
      }
      await container.stop(0);
      await container.remove();
    });

    it('runs a second program in a container, where it can', async (test) => {
      const container = await subject.provider.start(configOf(subject.programs.forever));
      try {
        if (!canExec(container)) return test.skip('this provider has no exec');
        assert.equal(await container.exec({ command: ['pwd'], tty: false }, {}), 0);
        await assert.rejects(container.exec({ command: ['no-such-command'], tty: false }, {}));
      } finally {
        await container.stop(0);
        await container.remove();
      }
    });

    it('finds its containers again in another life, where it can', async (test) => {
      if (subject.restart === undefined) return test.skip('this provider does not find them again');
      const running = configOf(subject.programs.forever);
      const ended = configOf(subject.programs.fails, { attempt: 4 });
      await subject.provider.start(running);
      await (await subject.provider.start(ended)).exited;
      const found = await (await subject.restart()).list();
      const byId = new Map(found.map((container) => [container.id, container]));
      assert.deepEqual(byId.get(running.id)?.config, running);
      assert.equal(byId.get(running.id)?.exit, undefined);
      assert.equal(byId.get(ended.id)?.exit?.exitCode, 3);
      await sleep(20);
      assert.equal((await byId.get(running.id)?.stop(0))?.exitCode, 137);
      for (const container of found) await container.remove();
    });
  });
}

import assert from 'node:assert/strict';
import {
  chmodSync,
  closeSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { StartForm } from '../../src/runtime/container-spec.ts';
import { ContainerStartError } from '../../src/runtime/container-starter.ts';
import { createProcessRecord, readProcessRecord } from '../../src/runtime/state/process-record.ts';
import { guests } from '../runtime/guests.ts';
import { TestContainers, type TestEngine, testUser } from '../runtime/test-containers.ts';

export interface StarterContract {
  readonly form: StartForm;
  readonly engine: TestEngine;
  /** Why it cannot be tested here. @default it can */
  readonly skip?: string | false;
}

/** Longer than most starts take, in milliseconds. */
const heldFor = 300;

/** What every way to start containers must do, with every engine. */
export function testContainerStarter({ form, engine, skip = false }: StarterContract): void {
  const isWasmtime = engine.engine === 'wasmtime';

  describe(`ContainerStarter, ${engine.engine}, ${form}`, { skip }, () => {
    const containers = new TestContainers(form, { config: { startTimeout: 60_000 } }, engine);
    after(() => containers[Symbol.asyncDispose]());

    it('runs a guest with its log and its exit code', async () => {
      const container = containers.create({ modulePath: containers.module('m', guests.hello(0)) });
      const started = await containers.start(container);
      const { exitCode, reason, signal, message } = await container.ended();
      assert.equal(started.form, form);
      assert.deepEqual(started.missing, []);
      assert.deepEqual(
        { exitCode, reason, signal, message },
        { exitCode: 0, reason: 'Completed', signal: undefined, message: undefined },
      );
      assert.equal(container.output, 'hello\n');
    });

    for (const [asked, shown] of isWasmtime
      ? ([
          [1, 1],
          [125, 125],
          [134, 1], // wasmtime's program passes on none above 125
        ] as const)
      : ([
          [1, 1],
          [134, 134],
          [255, 255],
          [256, 0],
          [-1, 255],
        ] as const)) {
      it(`shows proc_exit(${asked}) as ${shown}`, async () => {
        const modulePath = containers.module('m', guests.hello(asked));
        const { exitCode } = await containers.run(containers.create({ modulePath }));
        assert.equal(exitCode, shown);
      });
    }

    it('passes on arguments and environment, in order', async () => {
      const args = ['prog', 'one', 'two words', ''];
      const passed = containers.create({ modulePath: containers.module('m', guests.args), args });
      assert.equal((await containers.run(passed)).exitCode, 0);
      assert.equal(passed.output, `${args.map((arg) => `${arg}\0`).join('')}\n`);
      const env = [
        { name: 'B', value: 'x=y' },
        { name: 'A', value: '' },
      ];
      const surrounded = containers.create({
        modulePath: containers.module('m', guests.environ),
        env,
      });
      await containers.run(surrounded);
      assert.equal(surrounded.output, 'B=x=y\0A=\0\n');
    });

    it('lets the guest change what it may write to, and nothing else', async () => {
      const folder = mkdtempSync(path.join(containers.directory, 'mount-'));
      chmodSync(folder, 0o777);
      const modulePath = containers.module('m', guests.create);
      for (const readOnly of [true, false]) {
        const mounts = [{ hostPath: folder, guestPath: '/data', readOnly }];
        const { exitCode } = await containers.run(containers.create({ modulePath, mounts }));
        assert.equal(exitCode === 0, !readOnly);
        assert.deepEqual(readdirSync(folder), readOnly ? [] : ['made']);
      }
    });

    it('mounts a single file', async () => {
      const file = path.join(containers.directory, 'words');
      writeFileSync(file, '', { mode: 0o666 });
      chmodSync(file, 0o666);
      const mounts = [{ hostPath: file, guestPath: '/dev/made', readOnly: false }];
      const modulePath = containers.module('m', isWasmtime ? guests.create : guests.hello(0));
      const { exitCode } = await containers.run(containers.create({ modulePath, mounts }));
      assert.equal(exitCode, 0);
    });

    it('ends the stdin of a guest that has it once with its first writer', async () => {
      const modulePath = containers.module('m', guests.echo);
      const container = containers.create({ modulePath, stdin: 'once' });
      await containers.start(container);
      const fifo = openSync(path.join(container.directory, 'stdin'), 'w');
      assert.equal(container.exitRecord, undefined, 'it waits for the first writer');
      writeSync(fifo, 'one\ntwo');
      closeSync(fifo);
      assert.equal((await container.ended()).exitCode, 0);
      assert.equal(container.output, 'one\ntwo\n');
    });

    it('shows a trap as 134, its message in the record and its stack in the log', async () => {
      const container = containers.create({ modulePath: containers.module('m', guests.trap) });
      const { exitCode, reason, message } = await containers.run(container);
      assert.deepEqual({ exitCode, reason }, { exitCode: 134, reason: 'Error' });
      assert.match(message ?? '', /^Guest trapped: .*unreachable/);
      assert.match(container.output, /\n.*inner.*\n.*outer/);
    });

    it('shows the signal that ended a guest in an endless loop', async () => {
      const modulePath = containers.module('m', guests.spin);
      for (const [name, number] of [
        ['SIGTERM', 15],
        ['SIGKILL', 9],
      ] as const) {
        const container = containers.create({ modulePath });
        const { pid } = await containers.start(container);
        process.kill(-pid, name);
        const { exitCode, signal, reason } = await container.ended();
        assert.deepEqual(
          { exitCode, signal, reason },
          { exitCode: 128 + number, signal: number, reason: 'Error' },
        );
      }
    });

    it('says why a module cannot be run', async () => {
      const garbage = path.join(containers.directory, 'garbage.wasm');
      writeFileSync(garbage, 'not a module');
      for (const [modulePath, expected] of [
        [garbage, /magic word/],
        [containers.module('m', guests.unlinkable), /env(\.|::)launch_missiles/],
      ] as const) {
        const record = await containers.run(containers.create({ modulePath }));
        assert.equal(record.reason, 'ContainerCannotRun');
        assert.match(record.message ?? '', expected);
      }
    });

    it('refuses what it cannot open, and records that', async () => {
      const container = containers.create({
        modulePath: containers.module('m', guests.hello(0)),
        mounts: [{ hostPath: '/does/not/exist', guestPath: '/data', readOnly: false }],
      });
      await assert.rejects(
        containers.start(container),
        (error) =>
          error instanceof ContainerStartError &&
          error.code === 'PreparationFailed' &&
          /\/does\/not\/exist/.test(error.message),
      );
      assert.equal((await container.ended()).reason, 'ContainerCannotRun');
    });

    it('starts a container only once', async () => {
      const container = containers.create({ modulePath: containers.module('m', guests.spin) });
      await containers.start(container);
      await assert.rejects(containers.start(container), /started or given up/);
    });

    it('starts nothing for a caller who has gone', async () => {
      const container = containers.create({ modulePath: containers.module('m', guests.spin) });
      await assert.rejects(
        containers.start(container, AbortSignal.abort(new Error('gone'))),
        /gone/,
      );
      assert.equal(readProcessRecord(container.directory), undefined);
    });

    it('goes on with a start whose caller is killed meanwhile', async () => {
      for (let round = 0; round < 3; round += 1) {
        const container = containers.create({
          modulePath: containers.module('m', guests.hello(0)),
        });
        const gone = new AbortController();
        const starting = containers.start(container, gone.signal).catch((error: Error) => error);
        while (readProcessRecord(container.directory) === undefined) await sleep(0);
        gone.abort(new Error('gone'));
        await starting;
        assert.equal((await container.ended()).exitCode, 0);
        assert.equal(container.output, 'hello\n');
      }
    });

    it('holds a guest until what it waits for is there', async () => {
      const container = containers.create({ modulePath: containers.module('m', guests.hello(0)) });
      const { promise: ready, resolve } = Promise.withResolvers<void>();
      const starting = containers.starter.start(container.spec, container.directory, { ready });
      await sleep(heldFor);
      assert.equal(readProcessRecord(container.directory), undefined);
      assert.equal(container.hasWritten, false);
      resolve();
      assert.equal((await starting).form, form);
      assert.equal((await container.ended()).exitCode, 0);
      assert.equal(container.output, 'hello\n');
    });

    it('runs nothing of a guest that waits for nothing any more', async () => {
      const hello = containers.module('m', guests.hello(0));
      const container = containers.create({ modulePath: hello });
      const ready = sleep(heldFor).then(() => Promise.reject(new Error('never')));
      const before = await containers.count();
      const starting = containers.starter.start(container.spec, container.directory, { ready });
      await assert.rejects(starting, /never/);
      while ((await containers.count()) > before) await sleep(5);
      assert.equal(readProcessRecord(container.directory), undefined);
      assert.equal(container.hasWritten, false);
    });

    it('runs nothing of a guest that waits when its caller is gone', async () => {
      const hello = containers.module('m', guests.hello(0));
      const container = containers.create({ modulePath: hello });
      const options = { ready: new Promise<void>(() => {}), signal: AbortSignal.timeout(heldFor) };
      const before = await containers.count();
      const starting = containers.starter.start(container.spec, container.directory, options);
      await assert.rejects(starting, /timeout/);
      while ((await containers.count()) > before) await sleep(5);
      assert.equal(readProcessRecord(container.directory), undefined);
      assert.equal(container.hasWritten, false);
    });

    it('begins no guest that was given up while it waited', async () => {
      const hello = containers.module('m', guests.hello(0));
      const container = containers.create({ modulePath: hello });
      const { promise: ready, resolve } = Promise.withResolvers<void>();
      const starting = containers.starter.start(container.spec, container.directory, { ready });
      await sleep(heldFor);
      createProcessRecord(container.directory, { kind: 'abandoned' });
      resolve();
      await assert.rejects(starting, /started or given up/);
      assert.equal((await container.ended()).reason, 'ContainerCannotRun');
      assert.equal(container.hasWritten, false);
    });

    it('takes privileges away from every thread', async () => {
      const container = containers.create({ modulePath: containers.module('m', guests.spin) });
      const { pid } = await containers.start(container);
      const threads = readdirSync(`/proc/${pid}/task`);
      assert.ok(isWasmtime || form === 'exec' || threads.length === 1);
      for (const thread of threads) {
        const status = statusOf(`/proc/${pid}/task/${thread}/status`);
        assert.equal(status.get('Uid'), Array(4).fill(testUser.uid).join('\t'));
        assert.equal(status.get('Gid'), Array(4).fill(testUser.gid).join('\t'));
        assert.equal(status.get('NoNewPrivs'), '1');
        assert.equal(status.get('Seccomp'), '2');
        for (const set of ['CapInh', 'CapPrm', 'CapEff', 'CapAmb']) {
          assert.equal(status.get(set), '0000000000000000', set);
        }
      }
    });

    it('gives the process a name, a session and the first place to die', async () => {
      const container = containers.create({ modulePath: containers.module('m', guests.spin) });
      const { pid } = await containers.start(container);
      assert.ok(
        readFileSync(`/proc/${pid}/cmdline`, 'utf8').startsWith(`krustlet: ${container.spec.id}`),
      );
      assert.equal(readFileSync(`/proc/${pid}/oom_score_adj`, 'utf8').trim(), '900');
      const [, , group, session] =
        readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
      assert.deepEqual([group, session], [String(pid), String(pid)]);
    });

    it('rotates the log from inside the sandbox', async () => {
      const container = containers.create({ modulePath: containers.module('m', guests.chatter) });
      const { log } = container.spec;
      Object.assign(log, { maxBytes: 40_000 });
      writeFileSync(path.join(container.directory, 'spec.json'), JSON.stringify(container.spec));
      assert.equal((await containers.run(container)).exitCode, 0);
      assert.deepEqual(readdirSync(path.dirname(log.path)).sort(), ['0.log', '0.log.1', '0.log.2']);
      assert.match(container.output, /^(x{99}\n)+$/);
    });

    it('lets memory grow only as far as the limit', async () => {
      const modulePath = containers.module('m', guests.hungry);
      const limits = { memoryBytes: 100 * 64 * 1024 };
      const { exitCode } = await containers.run(containers.create({ modulePath, limits }));
      assert.equal(exitCode, 100);
    });
  });
}

function statusOf(file: string): Map<string, string> {
  const lines = readFileSync(file, 'utf8').trim().split('\n');
  return new Map(
    lines.map((line): [string, string] => {
      const [name = '', ...value] = line.split(':');
      return [name, value.join(':').trim()];
    }),
  );
}

import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { after, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { guests } from '../../tests/runtime/guests.ts';
import { logOf, TestRuntime, TestZygote } from '../../tests/runtime/test-runtime.ts';
import { noWasmtime, wasmtimeEngine } from '../../tests/runtime/wasmtime-program.ts';
import type { ContainerSpec } from './container-spec.ts';
import type { ContainerStarter } from './container-starter.ts';
import { RuntimeError } from './errors.ts';
import { isRunning, startTimeOf } from './process/process-identity.ts';
import type { RunningContainer } from './running-container.ts';
import { Runtime } from './runtime.ts';
import {
  containerFiles,
  createContainerDirectory,
  removedName,
  writeContainerSpec,
} from './state/container-directory.ts';
import {
  createProcessRecord,
  type ProcessRecord,
  readProcessRecord,
} from './state/process-record.ts';

const terminalEngines: readonly (readonly [string, Partial<ContainerSpec>, string | false])[] = [
  ['V8, fork', { start: 'fork' }, false],
  ['V8, exec', { start: 'exec' }, false],
  ['wasmtime, fork', { start: 'fork', ...wasmtimeEngine }, noWasmtime],
  ['wasmtime, exec', { start: 'exec', ...wasmtimeEngine }, noWasmtime],
];

describe('Runtime, fork', () => {
  const zygote = new TestZygote();
  after(() => zygote[Symbol.asyncDispose]());

  it('runs a container to its end', async () => {
    await using test = new TestRuntime({ zygote });
    const container = await test.start(guests.hello(3));
    const { exitCode, reason, startedAt, finishedAt } = await container.exited;
    assert.deepEqual({ exitCode, reason }, { exitCode: 3, reason: 'Error' });
    assert.ok(finishedAt >= startedAt);
    assert.equal(container.exit?.exitCode, 3);
    assert.equal(container.pid, undefined);
    assert.equal(logOf(container), 'hello\n');
  });

  it('refuses a second container of one id', async () => {
    await using test = new TestRuntime({ zygote });
    const { spec } = await test.start(guests.spin);
    await assert.rejects(
      test.runtime.start(spec),
      (error) => error instanceof RuntimeError && error.code === 'AlreadyExists',
    );
  });

  it('starts no container that its next life could not take over', async () => {
    await using test = new TestRuntime({ zygote });
    await assert.rejects(
      test.start(guests.spin, { workingDir: 'here' }),
      (error) =>
        error instanceof RuntimeError &&
        error.code === 'StartFailed' &&
        error.message.includes("'workingDir': must be an absolute path"),
    );
    assert.deepEqual(await test.runtime.list(), []);
  });

  it('leaves nothing of a container that cannot be started', async () => {
    await using test = new TestRuntime({ zygote });
    const mounts = [{ hostPath: '/does/not/exist', guestPath: '/data', readOnly: false }];
    await assert.rejects(
      test.start(guests.hello(0), { mounts }),
      (error) => error instanceof RuntimeError && error.code === 'StartFailed',
    );
    assert.deepEqual(containersOn(test), []);
    assert.deepEqual(await test.runtime.list(), []);
  });

  it('stops a guest in an endless loop at once, as SIGTERM is its end', async () => {
    await using test = new TestRuntime({ zygote });
    const container = await test.start(guests.spin);
    const { exitCode, signal } = await container.stop(10);
    assert.deepEqual({ exitCode, signal }, { exitCode: 143, signal: 15 });
  });

  it('kills without a grace period', async () => {
    await using test = new TestRuntime({ zygote });
    const container = await test.start(guests.spin);
    const pid = container.pid ?? assert.fail();
    const { exitCode, signal } = await container.stop(0);
    assert.deepEqual({ exitCode, signal }, { exitCode: 137, signal: 9 });
    assert.equal(startTimeOf(pid), undefined);
    assert.equal((await container.stop(10)).exitCode, 137, 'stopping again changes nothing');
  });

  it('removes only what has ended, and all of it but the log', async () => {
    await using test = new TestRuntime({ zygote });
    const container = await test.start(guests.spin);
    await assert.rejects(container.remove(), /it runs/);
    await container.stop(0);
    await container.remove();
    await container.remove();
    assert.deepEqual(containersOn(test), []);
    assert.deepEqual(await test.runtime.list(), []);
    assert.ok(existsSync(container.spec.log.path));
  });

  it('does not watch a container whose start ends after it was disposed of', async () => {
    await using test = new TestRuntime({ zygote });
    const spec = test.spec(test.module(guests.spin));
    const starting = test.runtime.start(spec);
    test.restart();
    await assert.rejects((await starting).exited, /Stopped watching/);
    const [adopted = assert.fail()] = await test.runtime.list();
    assert.equal(adopted.id, spec.id);
  });

  it('finds running and ended containers again', async () => {
    await using test = new TestRuntime({ zygote });
    const running = await test.start(guests.spin);
    const ended = await test.start(guests.hello(7));
    await ended.exited;
    test.restart();
    const found = new Map((await test.runtime.list()).map((one) => [one.id, one]));
    assert.deepEqual([...found.keys()].sort(), [running.id, ended.id].sort());
    const adopted = found.get(running.id) ?? assert.fail();
    assert.deepEqual(adopted.spec, running.spec);
    assert.equal(adopted.pid, running.pid);
    assert.ok(Math.abs(adopted.startedAt.getTime() - running.startedAt.getTime()) < 1_000);
    assert.equal(found.get(ended.id)?.exit?.exitCode, 7);
    assert.equal((await adopted.stop(0)).signal, 9);
  });

  it('learns of ends that came while it was away', async () => {
    await using test = new TestRuntime({ zygote });
    const { pid = assert.fail(), spec } = await test.start(guests.spin);
    test.runtime[Symbol.dispose]();
    process.kill(-pid, 'SIGKILL');
    await sleep(50);
    test.restart();
    const [adopted = assert.fail()] = await test.runtime.list();
    assert.equal(adopted.id, spec.id);
    assert.equal((await adopted.exited).signal, 9);
  });

  it('says that it does not know how a container ended whose zygote died', async () => {
    await using test = new TestRuntime();
    const container = await test.start(guests.spin);
    const { pid: zygote } = (await test.starter.status('test')) ?? assert.fail();
    process.kill(zygote, 'SIGKILL');
    const pid = container.pid ?? assert.fail();
    const startTime = startTimeOf(pid) ?? assert.fail();
    await sleep(50);
    if (isRunning({ pid, startTime })) process.kill(-pid, 'SIGKILL');
    const { exitCode, reason } = await container.exited;
    assert.deepEqual({ exitCode, reason }, { exitCode: 137, reason: 'ContainerStatusUnknown' });
  });

  it('leaves a process alone that has the pid and start time of a container of another boot', async () => {
    await using test = new TestRuntime({ zygote });
    const spec = test.spec(test.module(guests.hello(0)));
    const directory = path.join(test.dataDir, 'containers', spec.id);
    writeContainerSpec(createContainerDirectory(directory), spec);
    const bystander = spawn('sleep', ['60'], { detached: true, stdio: 'ignore' });
    const pid = bystander.pid ?? assert.fail();
    const startTime = startTimeOf(pid) ?? assert.fail();
    createProcessRecord(directory, {
      kind: 'process',
      pid,
      startTime,
      boot: 'earlier',
      startedAt: new Date(),
    });
    try {
      const [found = assert.fail()] = await test.runtime.list();
      assert.equal((await found.stop(0)).reason, 'ContainerStatusUnknown');
      assert.ok(isRunning({ pid, startTime }));
    } finally {
      bystander.kill('SIGKILL');
    }
  });

  it('gives up a start that was cut short, for good', async () => {
    await using test = new TestRuntime({ zygote });
    const spec = test.spec(test.module(guests.hello(0)));
    const directory = path.join(test.dataDir, 'containers', spec.id);
    writeContainerSpec(createContainerDirectory(directory), spec);
    const [found = assert.fail()] = await test.runtime.list();
    assert.equal((await found.exited).reason, 'ContainerCannotRun');
    await assert.rejects(test.starter.start(spec, directory), /given up/);
  });

  it('leaves nothing of a container whose start nobody waits for any more', async () => {
    await using test = new TestRuntime({ zygote });
    // The answer is lost: all that is known of the start is in the container's directory.
    const starter: ContainerStarter = {
      start(spec, directory, options = {}) {
        void test.starter.start(spec, directory).catch(() => undefined);
        const { promise, reject } = Promise.withResolvers<never>();
        options.signal?.addEventListener('abort', () => reject(options.signal?.reason));
        return promise;
      },
    };
    using runtime = new Runtime({ starter, limits: test.limits }, { dataDir: test.dataDir });
    const spec = test.spec(test.module(guests.spin));
    const gone = new AbortController();
    const starting = assert.rejects(runtime.start(spec, gone), /gone/);
    const directory = path.join(test.dataDir, 'containers', spec.id);
    let record: ProcessRecord | undefined;
    while (record === undefined) {
      await sleep(1);
      record = readProcessRecord(directory);
    }
    gone.abort(new Error('gone'));
    await starting;
    assert.ok(record.kind === 'process' && !isRunning(record));
    assert.deepEqual(containersOn(test), []);
  });

  it('forgets a container whose spec was never written', async () => {
    await using test = new TestRuntime({ zygote });
    const directory = path.join(test.dataDir, 'containers', 'half');
    createContainerDirectory(directory);
    assert.deepEqual(await test.runtime.list(), []);
    assert.ok(!existsSync(containerFiles(directory).directory));
  });

  it('ends and removes what it cannot read, and says so', async () => {
    await using test = new TestRuntime({ zygote });
    const { id, pid = assert.fail() } = await test.start(guests.spin);
    test.runtime[Symbol.dispose]();
    writeFileSync(path.join(test.dataDir, 'containers', id, 'spec.json'), '{"from":"the future"}');
    const lost: Error[] = [];
    const { starter, limits, dataDir } = test;
    using runtime = new Runtime(
      { starter, limits, onLost: (error) => lost.push(error) },
      { dataDir },
    );
    assert.deepEqual(await runtime.list(), []);
    assert.equal(startTimeOf(pid), undefined);
    assert.match(lost[0]?.message ?? '', /Cannot take over/);
  });

  it('hands the guest a socket that listens, as its descriptor 3', async () => {
    await using test = new TestRuntime({ zygote });
    const address = '127.64.0.9';
    const listeners = [{ name: 'echo', address, port: 7_007 }];
    const container = await test.start(guests.greeter, { listeners });
    const socket = connect({ host: address, port: 7_007 });
    assert.equal(await text(socket), 'hello\n');
    assert.equal((await container.exited).exitCode, 0);
  });

  it('measures a running container', async () => {
    await using test = new TestRuntime({ zygote });
    const container = await test.start(guests.spin);
    await sleep(100);
    const usage = container.usage() ?? assert.fail();
    assert.ok(usage.cpuNanos > 10_000_000n, `${usage.cpuNanos} ns`);
    assert.ok(usage.memoryWorkingSetBytes > 100_000);
    assert.ok(usage.memoryWorkingSetBytes < 50_000_000);
    assert.equal(usage.processes, 1);
    await container.stop(0);
    assert.equal(container.usage(), undefined);
  });

  it('keeps the line that a killed guest had begun', async () => {
    await using test = new TestRuntime({ zygote });
    for (const grace of [0, 5]) {
      const container = await test.start(guests.prompt);
      await sleep(150);
      assert.equal(logOf(container), '');
      await container.stop(grace);
      assert.equal(logOf(container), 'name? \n');
    }
  });

  it('keeps an open stdin open from one writer to the next', async () => {
    await using test = new TestRuntime({ zygote });
    const container = await test.start(guests.echo, { stdin: 'open' });
    for (const line of ['first\n', 'second\n']) container.openStdin().end(line);
    await until(() => logOf(container).length === 13);
    assert.deepEqual(logOf(container).split('\n').sort(), ['', 'first', 'second']);
    assert.equal(container.exit, undefined);
  });

  it('ends the stdin of a guest that has it once with its first writer', async () => {
    await using test = new TestRuntime({ zygote });
    const container = await test.start(guests.echo, { stdin: 'once' });
    await sleep(100);
    assert.equal(container.exit, undefined, 'it waits for the first writer');
    const stdin = container.openStdin();
    stdin.write('one\n');
    await until(() => logOf(container) === 'one\n');
    stdin.end('two');
    assert.equal((await container.exited).exitCode, 0);
    assert.equal(logOf(container), 'one\ntwo\n');
    assert.throws(
      () => container.openStdin(),
      (error) => error instanceof RuntimeError && error.code === 'WrongState',
    );
  });

  for (const start of ['fork', 'exec'] as const) {
    it(`tells a guest that waits for stdin how much it can read, ${start}`, async () => {
      await using test = new TestRuntime({ zygote });
      const container = await test.start(guests.count, { start, stdin: 'open' });
      container.openStdin().end('seven b');
      assert.equal((await container.exited).exitCode, 7);
    });
  }

  it('has nothing to write to where stdin is closed', async () => {
    await using test = new TestRuntime({ zygote });
    const container = await test.start(guests.spin);
    assert.throws(
      () => container.openStdin(),
      (error) => error instanceof RuntimeError && error.code === 'StdinClosed',
    );
  });

  for (const [form, engine, skip] of terminalEngines) {
    const tty = { tty: true, ...engine };

    it(`gives a terminal that echoes, edits lines and has a size: ${form}`, { skip }, async () => {
      await using test = new TestRuntime({ zygote });
      const container = await test.start(guests.echo, { ...tty, stdin: 'open' });
      const stdin = container.openStdin();
      stdin.write('tpyo\x7f\x7f\x7fypo\r');
      await until(() => screenOf(container).endsWith('typo\r\n'));
      assert.equal(screenOf(container), 'tpyo\b \b\b \b\b \bypo\r\ntypo\r\n');
      container.resize({ width: 132, height: 43 });
      const size = execFileSync('stty', ['-F', `/proc/${container.pid}/fd/0`, 'size']);
      assert.equal(String(size), '43 132\n');
      test.restart();
      const [adopted = assert.fail()] = await test.runtime.list();
      const again = adopted.openStdin();
      again.write('\x03');
      assert.equal((await adopted.exited).signal, 2, '^C interrupts');
      adopted.resize({ width: 1, height: 1 }); // too late, which is no failure
      assert.ok(screenOf(container).includes('^C'));
      for (const pipe of [stdin, again]) pipe.destroy();
    });

    it(`ends a terminal's input with its only writer: ${form}`, { skip }, async () => {
      await using test = new TestRuntime({ zygote });
      const container = await test.start(guests.echo, { ...tty, stdin: 'once' });
      container.openStdin().end('one');
      assert.equal((await container.exited).exitCode, 0);
      assert.equal(screenOf(container), 'oneone', 'what is echoed and what is answered');
    });

    it(`writes all that a terminal shows to the log: ${form}`, { skip }, async () => {
      await using test = new TestRuntime({ zygote });
      const container = await test.start(guests.hello(3), tty);
      assert.equal((await container.exited).exitCode, 3);
      assert.equal(screenOf(container), 'hello\r\n');
    });
  }

  it('does not wait for a guest that reads nothing of what is typed', async () => {
    await using test = new TestRuntime({ zygote });
    const container = await test.start(guests.flood, { tty: true, stdin: 'open' });
    const stdin = container.openStdin();
    stdin.on('error', () => {}); // it may have ended before all was typed
    stdin.end(Buffer.alloc(1 << 20, 'typed\n'));
    await sleep(200);
    const before = loggedBytes(container);
    await until(() => loggedBytes(container) !== before);
    await container.stop(0);
  });

  it('leaves whole entries where a guest is killed while it writes', async () => {
    await using test = new TestRuntime({ zygote });
    for (let round = 0; round < 5; round += 1) {
      const container = await test.start(guests.flood);
      await until(() => loggedBytes(container) !== 0);
      await sleep(round * 7);
      await container.stop(0);
      const logs = logFilesOf(container);
      assert.ok(logs.some((log) => log.length > 0)); // the newest may have just been made
      for (const log of logs) {
        const lines = log.split('\n');
        assert.equal(lines.pop(), '');
        for (const line of lines) assert.match(line, /^\S{30} stdout F x{99}$/);
      }
    }
  });
});

/** How much the newest log has; undefined while it is being rotated, as there is none then. */
function loggedBytes({ spec }: RunningContainer): number | undefined {
  return statSync(spec.log.path, { throwIfNoEntry: false })?.size;
}

/** The names of containers that have files. */
function containersOn({ dataDir }: TestRuntime): string[] {
  const root = path.join(dataDir, 'containers');
  assert.deepEqual(readdirSync(path.join(root, removedName)), []);
  return readdirSync(root).filter((name) => name !== removedName);
}

/** The content of the container's log, and of what it was rotated to. */
function logFilesOf({ spec }: RunningContainer): string[] {
  const { dir, base } = path.parse(spec.log.path);
  const names = readdirSync(dir).filter((name) => name.startsWith(base));
  return names.map((name) => readFileSync(path.join(dir, name), 'latin1'));
}

/** What the container's terminal shows, as whoever attaches sees it. */
function screenOf({ spec }: RunningContainer): string {
  const entries = readFileSync(spec.log.path, 'utf8').matchAll(/^\S+ stdout ([FP]) ([^\n]*\n)/gm);
  return Array.from(entries, ([, tag, text]) => (tag === 'F' ? text : text?.slice(0, -1))).join('');
}

async function until(condition: () => boolean): Promise<void> {
  for (let waited = 0; !condition(); waited += 5) {
    assert.ok(waited < 5_000, 'it takes too long');
    await sleep(5);
  }
}

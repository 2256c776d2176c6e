import assert from 'node:assert/strict';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { guests } from '../../../tests/runtime/guests.ts';
import { collectingStreams, TestRuntime } from '../../../tests/runtime/test-runtime.ts';
import { RuntimeError } from '../errors.ts';
import type { RunningContainer } from '../running-container.ts';

const command = path.resolve(
  import.meta.dirname,
  '../../../tests/fixtures/components/command.wasm',
);

describe('RunningContainer.exec', () => {
  let test: TestRuntime;
  let container: RunningContainer;
  let mounted: string;

  before(async () => {
    test = new TestRuntime();
    mounted = mkdtempSync(path.join(tmpdir(), 'krustlet-exec-'));
    mkdirSync(path.join(mounted, 'data'));
    // the container's user is another one
    chmodSync(mounted, 0o755);
    chmodSync(path.join(mounted, 'data'), 0o777);
    container = await test.start(guests.spin, {
      args: ['/app/program', 'its', 'args'],
      env: [{ name: 'KEY', value: 'value' }],
      mounts: [{ hostPath: mounted, guestPath: '/mnt', readOnly: false }],
      workingDir: '/mnt',
    });
    copyFileSync(test.module(guests.args), path.join(mounted, 'args.wasm'));
    copyFileSync(test.module(guests.echo), path.join(mounted, 'echo.wasm'));
    copyFileSync(command, path.join(mounted, 'command.wasm'));
    writeFileSync(path.join(mounted, 'hello.txt'), 'hello\n');
  });
  after(async () => {
    await test[Symbol.asyncDispose]();
    rmSync(mounted, { recursive: true, force: true });
  });

  async function exec(command: string[], stdin?: Readable) {
    const { streams, output } = collectingStreams(stdin);
    const { exitCode } = await container.exec({ command, tty: false }, streams);
    return { exitCode, ...(await output()) };
  }

  it('runs a built-in command in the same mounts', async () => {
    const result = await exec(['cat', 'hello.txt']);
    assert.deepEqual(result, { exitCode: 0, stdout: 'hello\n', stderr: '' });
  });

  it("gives the container's environment", async () => {
    assert.equal((await exec(['env'])).stdout, 'KEY=value\n');
  });

  it('keeps output and complaints apart and tells the exit code', async () => {
    const result = await exec(['ls', '/proc']);
    assert.deepEqual(result, {
      exitCode: 1,
      stdout: '',
      stderr: 'ls: /proc: No such file or directory\n',
    });
  });

  it('runs a module from a mount with the arguments it is given', async () => {
    const { stdout } = await exec(['./args.wasm', 'a', 'b c']);
    assert.equal(stdout, './args.wasm\0a\0b c\0');
  });

  it('runs a component from a mount', async () => {
    const { stdout, exitCode } = await exec(['./command.wasm', 'arguments', 'b c']);
    assert.equal(stdout, 'arguments,b c\n');
    assert.equal(exitCode, 0);
  });

  it('carries much both ways', async () => {
    const bytes = Buffer.alloc(3_000_000, 'krustlet ');
    const { stdout, exitCode } = await exec(['/mnt/echo.wasm'], Readable.from([bytes]));
    assert.equal(exitCode, 0);
    assert.equal(stdout, bytes.toString());
  });

  it('extracts an archive from standard input, as kubectl cp sends it', async () => {
    const { stdout: archive } = await execBytes(['tar', 'cf', '-', '/mnt/hello.txt']);
    const { exitCode, stderr } = await exec(
      ['tar', '-xmf', '-', '-C', '/mnt/data'],
      Readable.from([archive]),
    );
    assert.equal(exitCode, 0, stderr);
    assert.equal(readFileSync(path.join(mounted, 'data/mnt/hello.txt'), 'utf8'), 'hello\n');
  });

  async function execBytes(command: string[]) {
    const stdout = new PassThrough();
    const chunks: Buffer[] = [];
    stdout.on('data', (chunk) => chunks.push(chunk));
    await container.exec({ command, tty: false }, { stdout });
    return { stdout: Buffer.concat(chunks) };
  }

  it('refuses a command that is not there', async () => {
    await assert.rejects(
      exec(['/bin/sh', '-c', 'id']),
      (error) => error instanceof RuntimeError && error.code === 'CommandNotFound',
    );
  });

  it('does not leave the mounts through a link to find a module', async () => {
    await assert.rejects(exec(['../../../../bin/true']), RuntimeError);
  });

  it('gives a terminal that echoes and turns ^C into a signal', async () => {
    const stdin = new PassThrough();
    const stdout = new PassThrough();
    const screen = text(stdout);
    const ended = container.exec({ command: ['cat'], tty: true }, { stdin, stdout });
    stdin.write('typed\r');
    await sleep(300);
    stdin.write('\x03');
    assert.equal((await ended).signal, 2);
    stdout.end();
    assert.equal(await screen, 'typed\r\ntyped\r\n^C');
  });

  it('ends a program whose caller has gone', async () => {
    const gone = new AbortController();
    const { streams } = collectingStreams(new PassThrough());
    const ended = container.exec({ command: ['cat'], tty: false }, streams, gone);
    await sleep(200);
    gone.abort(new Error('the caller has gone'));
    await assert.rejects(ended, /the caller has gone/);
  });

  it('leaves nothing behind', () => {
    const exec = path.join(test.dataDir, 'containers', container.id, 'exec');
    assert.deepEqual(readdirSync(exec), ['.removed']);
    assert.deepEqual(readdirSync(path.join(exec, '.removed')), []);
  });

  it('ends with the container', async () => {
    const other = await test.start(guests.spin);
    const { streams } = collectingStreams(new PassThrough());
    const program = other.exec({ command: ['cat'], tty: false }, streams);
    await sleep(200);
    await other.stop(0);
    assert.equal((await program).signal, 9);
    await assert.rejects(
      other.exec({ command: ['ls'], tty: false }, streams),
      (error) => error instanceof RuntimeError && error.code === 'WrongState',
    );
    assert.ok(!existsSync(path.join(test.dataDir, 'containers', other.id, 'exec')));
  });

  it('says that the container has ended where a program was about to start', async () => {
    const other = await test.start(guests.spin);
    const programs = Array.from({ length: 20 }, () => {
      const { streams } = collectingStreams();
      return other.exec({ command: ['ls'], tty: false }, streams);
    });
    const stopping = other.stop(0);
    const ends = await Promise.allSettled(programs);
    await stopping;
    const failures = ends.flatMap((end) => (end.status === 'rejected' ? [end.reason] : []));
    assert.ok(failures.length > 0);
    for (const error of failures) {
      assert.ok(error instanceof RuntimeError && error.code === 'WrongState', String(error));
    }
  });
});

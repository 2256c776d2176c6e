import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { NativeSystem } from '../../wasi/native/native-system.ts';
import { ByteChannel } from './byte-channel.ts';
import { GuestFiles } from './guest-files.ts';
import { runBuiltin } from './run-builtin.ts';

const system = new NativeSystem();

describe('runBuiltin', () => {
  let root = '';
  beforeEach(() => {
    root = mkdtempSync(path.join(tmpdir(), 'builtin-'));
    for (const name of ['data', 'fixed', 'io']) mkdirSync(path.join(root, name));
    writeFileSync(host('data/hello.txt'), 'hello\n');
    writeFileSync(host('data/.hidden'), '');
    mkdirSync(host('data/sub'));
    writeFileSync(host('data/sub/deep.txt'), 'deep');
    symlinkSync('hello.txt', host('data/link'));
    symlinkSync('/etc/passwd', host('data/escape'));
    writeFileSync(host('fixed/config'), 'fixed');
    writeFileSync(host('single'), 'alone');
  });
  afterEach(() => rmSync(root, { recursive: true }));

  function host(name: string): string {
    return path.join(root, name);
  }

  interface Result {
    code: number;
    out: string;
    bytes: Buffer;
    err: string;
  }

  function run(command: string[], input: Uint8Array = Buffer.alloc(0)): Result {
    writeFileSync(host('io/in'), input);
    const stdin = openSync(host('io/in'), 'r');
    const stdout = openSync(host('io/out'), 'w');
    const stderr = openSync(host('io/err'), 'w');
    const files = new GuestFiles(system, {
      mounts: [
        { hostPath: host('data'), guestPath: '/data', readOnly: false },
        { hostPath: host('fixed'), guestPath: '/etc/fixed', readOnly: true },
        { hostPath: host('single'), guestPath: '/etc/single', readOnly: true },
      ],
      workingDir: '/data',
    });
    const env = [
      { name: 'B', value: '2' },
      { name: 'A', value: 'x y' },
    ];
    const io = new ByteChannel(system.streams, { stdin, stdout, stderr });
    const code = runBuiltin(command, { env, files, io });
    for (const fd of [stdin, stdout, stderr]) closeSync(fd);
    const bytes = readFileSync(host('io/out'));
    return { code, bytes, out: String(bytes), err: readFileSync(host('io/err'), 'utf8') };
  }

  const cases: { command: string[]; input?: string; code?: number; out?: string; err?: string }[] =
    [
      { command: ['pwd'], out: '/data\n' },
      { command: ['/bin/pwd'], out: '/data\n' },
      { command: ['env'], out: 'B=2\nA=x y\n' },
      { command: ['ls'], out: 'escape\nhello.txt\nlink\nsub\n' },
      { command: ['ls', '-A', '/data'], out: '.hidden\nescape\nhello.txt\nlink\nsub\n' },
      { command: ['ls', '-a', 'sub'], out: '.\n..\ndeep.txt\n' },
      { command: ['ls', '-d', '/data'], out: '/data\n' },
      { command: ['ls', 'hello.txt', 'sub'], out: 'hello.txt\nsub:\ndeep.txt\n' },
      { command: ['ls', '/'], out: 'data\netc\n' },
      { command: ['ls', '/etc'], out: 'fixed\nsingle\n' },
      { command: ['ls', '/proc'], code: 1, err: 'ls: /proc: No such file or directory\n' },
      { command: ['ls', '-Z'], code: 2, err: 'ls: usage: ls [-1AadlR] [FILE...]\n' },
      { command: ['cat', 'hello.txt', 'sub/deep.txt'], out: 'hello\ndeep' },
      { command: ['cat', 'link'], out: 'hello\n' },
      { command: ['cat', '/etc/single'], out: 'alone' },
      { command: ['cat'], input: 'from stdin', out: 'from stdin' },
      { command: ['cat', '-', 'hello.txt'], input: 'a\n', out: 'a\nhello\n' },
      { command: ['cat', 'escape'], code: 1, err: 'cat: escape: Operation not permitted\n' },
      {
        command: ['cat', '/etc/passwd'],
        code: 1,
        err: 'cat: /etc/passwd: No such file or directory\n',
      },
      { command: ['cat', '../etc/fixed/config'], out: 'fixed' },
      { command: ['cat', 'sub'], code: 1, err: 'cat: sub: Is a directory\n' },
      { command: ['stat', '-c', '%n %s %F', 'hello.txt', 'sub'], code: 0 },
      { command: ['stat', '-c', '%F', 'link'], out: 'symbolic link\n' },
      { command: ['stat', '-L', '-c', '%F %%', 'link'], out: 'regular file %\n' },
      { command: ['test', '-d', '/data/sub'], code: 0 },
      { command: ['test', '-d', '/data/hello.txt'], code: 1 },
      { command: ['test', '-d', '/'], code: 0 },
      { command: ['test', '-f', '/nothing'], code: 1 },
      {
        command: ['mkdir', '/etc/fixed/new'],
        code: 1,
        err: 'mkdir: /etc/fixed/new: Read-only file system\n',
      },
      { command: ['mkdir', 'sub'], code: 1, err: 'mkdir: sub: File exists\n' },
      { command: ['rm', 'sub'], code: 1, err: 'rm: sub: Is a directory\n' },
      { command: ['rm', '-f', 'nothing'], code: 0 },
      {
        command: ['rm', '/etc/fixed/config'],
        code: 1,
        err: 'rm: /etc/fixed/config: Read-only file system\n',
      },
      {
        command: ['tar', 'cf', '/data/x.tar', 'sub'],
        code: 1,
        err: "tar: Cannot use '/data/x.tar' as an archive, only '-'\n",
      },
      { command: ['tar', 'czf', '-', 'sub'], code: 2 },
      { command: ['tar', 'xf', '-'], input: 'x'.repeat(512), code: 1 },
      { command: ['sh'], code: 127, err: 'sh: not found\n' },
    ];
  for (const { command, input, code = 0, out, err } of cases) {
    it(`runs '${command.join(' ')}'`, () => {
      const result = run(command, Buffer.from(input ?? ''));
      assert.equal(result.code, code, result.err);
      if (out !== undefined) assert.equal(result.out, out);
      if (err !== undefined) assert.equal(result.err, err);
      if (code === 0) assert.equal(result.err, '');
      else if (command[0] !== 'test') assert.notEqual(result.err, '');
    });
  }

  it('lists in long form', () => {
    utimesSync(host('data/hello.txt'), 0, 1_795_395_723);
    const { out } = run(['ls', '-l', 'hello.txt', 'link']);
    assert.match(
      out,
      /^- {12}6 2026-11-23T01:02:03Z hello\.txt\nl {12}9 .*Z link -> hello\.txt\n$/,
    );
  });

  it('makes and removes trees', () => {
    assert.equal(run(['mkdir', '-p', 'a/b/c', 'a/b']).code, 0);
    assert.ok(existsSync(host('data/a/b/c')));
    writeFileSync(host('data/a/b/file'), '');
    symlinkSync('/', host('data/a/b/root'));
    assert.deepEqual(
      { ...run(['rm', '-rf', 'a']), bytes: undefined },
      { code: 0, out: '', err: '', bytes: undefined },
    );
    assert.ok(!existsSync(host('data/a')));
  });

  it('creates archives that GNU tar reads, as kubectl cp asks for them', () => {
    const long = `${'d'.repeat(90)}/${'f'.repeat(90)}`;
    mkdirSync(host(`data/sub/${path.dirname(long)}`));
    writeFileSync(host(`data/sub/${long}`), Buffer.alloc(100_000, 7));
    symlinkSync('deep.txt', host('data/sub/link'));
    const { code, bytes, err } = run(['tar', 'cf', '-', '/data/sub']);
    assert.equal(code, 0, err);
    execFileSync('tar', ['xf', '-', '-C', host('io')], { input: bytes });
    assert.equal(readFileSync(host('io/data/sub/deep.txt'), 'utf8'), 'deep');
    assert.deepEqual(readFileSync(host(`io/data/sub/${long}`)), Buffer.alloc(100_000, 7));
    assert.equal(readlinkSync(host('io/data/sub/link')), 'deep.txt');
  });

  for (const format of ['gnu', 'pax']) {
    it(`extracts archives of GNU tar (${format}), as kubectl cp asks for it`, () => {
      const long = `${'d'.repeat(120)}/${'f'.repeat(120)}`;
      mkdirSync(host(`source/${path.dirname(long)}`), { recursive: true });
      writeFileSync(host(`source/${long}`), Buffer.alloc(200_001, 9));
      symlinkSync(long, host('source/link'));
      const create = [`--format=${format}`, '-cf', '-', '-C', host('source'), '.'];
      const archive = execFileSync('tar', create);
      const flags = ['--no-same-permissions', '--no-same-owner', '-xmf', '-', '-C', '/data/new'];
      const { code, err } = run(['tar', ...flags], archive);
      assert.equal(code, 0, err);
      assert.equal(readlinkSync(host('data/new/link')), long);
      assert.deepEqual(readFileSync(host(`data/new/${long}`)), Buffer.alloc(200_001, 9));
    });
  }

  it('restores times unless told not to', () => {
    const outside = mkdtempSync(path.join(tmpdir(), 'builtin-tar-'));
    try {
      writeFileSync(path.join(outside, 'old'), 'old');
      utimesSync(path.join(outside, 'old'), 0, 1_000_000_000);
      const archive = execFileSync('tar', ['-cf', '-', '-C', outside, 'old']);
      run(['tar', 'xf', '-'], archive);
      assert.equal(statSync(host('data/old')).mtimeMs, 1e12);
      run(['tar', 'xmf', '-'], archive);
      assert.ok(statSync(host('data/old')).mtimeMs > 1.7e12);
    } finally {
      rmSync(outside, { recursive: true });
    }
  });

  it('replaces symbolic links instead of writing through them', () => {
    const outside = mkdtempSync(path.join(tmpdir(), 'builtin-tar-'));
    try {
      writeFileSync(path.join(outside, 'link'), 'new');
      const archive = execFileSync('tar', ['-cf', '-', '-C', outside, 'link']);
      assert.equal(run(['tar', 'xf', '-'], archive).code, 0);
      assert.equal(readFileSync(host('data/hello.txt'), 'utf8'), 'hello\n');
      assert.equal(readFileSync(host('data/link'), 'utf8'), 'new');
    } finally {
      rmSync(outside, { recursive: true });
    }
  });

  it('refuses members that lead outside', () => {
    const archive = execFileSync('tar', [
      '-cPf',
      '-',
      '--transform',
      's,^,../../,',
      '-C',
      host('fixed'),
      'config',
    ]);
    const { code, err } = run(['tar', 'xf', '-'], archive);
    assert.equal(code, 1);
    assert.match(err, /contains '\.\.'/);
  });
});

import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import wabt from 'wabt';

const root = path.resolve(import.meta.dirname, '..');
const modules = path.join(root, 'examples', 'modules');
const program = path.join(root, 'bin', 'krustlet.js');

let folder: string;
let counter = 0;

before(() => {
  execFileSync(process.execPath, [path.join(root, 'scripts', 'build-examples.ts')]);
  folder = mkdtempSync(path.join(tmpdir(), 'krustlet-cli-'));
});
after(async () => {
  const { stdout } = await krustlet('ps', '--all', '--quiet');
  const ids = stdout.split('\n').filter((id) => id !== '');
  if (ids.length > 0) await krustlet('rm', '--force', ...ids);
  rmSync(folder, { recursive: true, force: true });
});

interface Result {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function start(...args: string[]): ChildProcess {
  return startBy([process.execPath, program], args);
}

function startBy([file, ...before]: readonly [string, ...string[]], args: readonly string[]) {
  return spawn(file, [...before, ...args], {
    cwd: folder,
    env: { ...process.env, KRUSTLET_DATA_DIR: path.join(folder, 'data'), FROM_OUTSIDE: 'seen' },
    stdio: 'pipe',
  });
}

async function end(child: ChildProcess, stdin = ''): Promise<Result> {
  const read = { stdout: '', stderr: '' };
  child.stdout?.on('data', (bytes) => (read.stdout += String(bytes)));
  child.stderr?.on('data', (bytes) => (read.stderr += String(bytes)));
  child.stdin?.on('error', () => {}); // a command that reads no stdin may have ended
  child.stdin?.end(stdin);
  const [code] = await once(child, 'close');
  return { code, ...read };
}

const krustlet = async (...args: string[]) => await end(start(...args));

/** A port that something listens on. */
async function taken(): Promise<{ readonly port: number; readonly server: Server }> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  return { port: address.port, server };
}

/** Assembles a module whose `_start` has this body. */
async function assemble(body: string): Promise<string> {
  const { parseWat } = await wabt();
  const text = `(module
    (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
    (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
    (memory (export "memory") 2)
    (func (export "_start") ${body}))`;
  counter += 1;
  const file = path.join(folder, `module-${counter}.wasm`);
  writeFileSync(file, parseWat('module.wat', text).toBinary({}).buffer);
  return file;
}

/** Writes one byte to stdout. */
const greet = `
  (i32.store (i32.const 4) (i32.const 1))
  (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))`;

/** Copies stdin to stdout until its end, 64 KiB at a time. */
const copy = `
  (loop $more
    (i32.store (i32.const 0) (i32.const 65536)) (i32.store (i32.const 4) (i32.const 65536))
    (drop (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))
    (i32.store (i32.const 4) (i32.load (i32.const 8)))
    (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 12)))
    (br_if $more (i32.load (i32.const 8))))`;

describe('krustlet run', () => {
  const hello = path.join(modules, 'hello.wasm');

  it('passes on arguments, stdout and the exit code', async () => {
    const result = await krustlet('run', '--rm', hello, '--', '-x', 'Ada');
    assert.deepEqual(
      { ...result, stdout: result.stdout.split('\n')[0] },
      { code: 0, stdout: 'Hello, -x and Ada!', stderr: '' },
    );
  });

  it('sets variables, and takes them over from outside', async () => {
    const { stdout } = await krustlet('run', '--rm', '--env', 'POD_NAME=mine', hello);
    assert.match(stdout, /I am mine/);
  });

  const exits: readonly (readonly [what: string, body: string, code: number, said: RegExp])[] = [
    ['the code that the module ends with', '(call $exit (i32.const 42))', 42, /^$/],
    ['134 for a trap, with its stack', 'unreachable', 134, /unreachable\n\s+at wasm/],
  ];
  for (const [what, body, code, said] of exits) {
    it(`ends with ${what}`, async () => {
      const result = await krustlet('run', '--rm', await assemble(body));
      assert.equal(result.code, code);
      assert.match(result.stderr, said);
    });
  }

  it('passes stdin through byte for byte', async () => {
    const bytes = Array.from({ length: 300_000 }, (_, index) => index % 10).join('');
    const result = await end(start('run', '--rm', '-i', await assemble(copy)), bytes);
    assert.ok(
      result.stdout === bytes,
      `${result.stdout.length} of ${bytes.length} bytes came back`,
    );
    assert.equal(result.code, 0);
  });

  it('leaves nothing behind with --rm, and an ended container without', async () => {
    await krustlet('run', '--name', 'kept', hello);
    const { stdout } = await krustlet('ps', '--all', '--output', 'json');
    const found: { name: string; state: { kind: string } }[] = JSON.parse(stdout);
    assert.deepEqual(
      found.map(({ name, state }) => [name, state.kind]),
      [['kept', 'exited']],
    );
    const again = await krustlet('run', '--name', 'kept', hello);
    assert.equal(again.code, 125);
    assert.match(again.stderr, /there is a container 'kept'/);
    const log = await krustlet('logs', 'kept');
    assert.equal(log.code, 125);
    assert.match(log.stderr, /it ran in the foreground/);
    assert.equal((await krustlet('rm', 'kept')).code, 0);
  });

  it('reads --env-file itself, rather than Node', async () => {
    const { code, stderr } = await end(startBy([program], ['run', '--env-file', 'none', hello]));
    assert.equal(code, 125);
    assert.match(stderr, /^krustlet: reading --env-file 'none' failed: there is no such file\n$/);
  });

  it('says plainly what stands in the way of a port, a mount and a data folder', async () => {
    const { port, server } = await taken();
    const busy = await krustlet('run', '--publish', String(port), path.join(modules, 'web.wasm'));
    server.close();
    assert.equal(busy.code, 125);
    const where = `127.0.0.1 port ${port}`;
    const why = 'something listens there already: choose another port (EADDRINUSE)';
    assert.ok(busy.stderr.endsWith(`Cannot listen on ${where}: ${why}\n`), busy.stderr);
    for (const folder of ['/proc/none', '/dev/null/none']) {
      const { code, stderr } = await krustlet('run', '--data-dir', folder, hello);
      assert.equal(code, 125);
      assert.match(
        stderr,
        /^krustlet: using data folder '.*' failed: .*name another by --data-dir/,
      );
    }
    const early = await krustlet('--data-dir', folder, 'ps');
    assert.match(early.stderr, /^krustlet: the options of 'ps' come after its name/);
  });

  it('gives a terminal lines that end as a terminal ends them', async () => {
    const command = `'${process.execPath}' '${program}' run --rm -it '${hello}'`;
    const inTerminal: readonly [string, ...string[]] = ['script', '--quiet', '--return'];
    const { code, stdout } = await end(startBy(inTerminal, ['--command', command, '/dev/null']));
    assert.equal(code, 0, stdout);
    assert.match(stdout, /Hello, world!\r\n/);
    assert.doesNotMatch(stdout, /\r\r/);
  });

  it('says before it starts what a module imports in vain', async () => {
    const file = path.join(folder, 'lonely.wasm');
    const { parseWat } = await wabt();
    const text = '(module (import "env" "help" (func)) (func (export "_start")))';
    writeFileSync(file, parseWat('module.wat', text).toBinary({}).buffer);
    for (const flags of [[], ['--detach']]) {
      assert.deepEqual(await krustlet('run', ...flags, file), {
        code: 126,
        stdout: '',
        stderr: `krustlet: running '${file}' failed: it imports what WASI preview1 does not have: env.help\n`,
      });
    }
  });

  it('refuses a working directory that is not absolute', async () => {
    const { code, stderr } = await krustlet('run', '--workdir', 'here', hello);
    assert.deepEqual(
      { code, stderr },
      {
        code: 125,
        stderr:
          "krustlet: reading --workdir 'here' failed: give an absolute path, such as '/work'\n",
      },
    );
  });

  it('ends an endless loop at SIGINT', async () => {
    const child = start('run', '--rm', await assemble(`${greet} (loop br 0)`));
    const result = end(child);
    assert.ok(child.stdout);
    await once(child.stdout, 'data');
    child.kill('SIGINT');
    assert.equal((await result).code, 143);
  });

  const refused: readonly (readonly [args: string[], code: number, said: RegExp])[] = [
    [['run', 'no-such.wasm'], 127, /'no-such.wasm' failed: there is no such file\n$/],
    [['run', '.'], 126, /it is a folder/],
    [['run', program], 126, /it is not WebAssembly but a script/],
    [['run', '--memry', '1', hello], 125, /, did you mean --memory\?\n$/],
    [['run', '--engine', 'v9', hello], 125, /Allowed choices are v8, wasmtime/],
    [['run', '--volume', '/no/such:/x', hello], 125, /there is no such file or folder/],
    [['run', '--tty', hello], 125, /--tty needs --interactive/],
    [['rn'], 125, /unknown command 'rn'.*(?:rm|run)/s],
    [['logs', 'nobody'], 125, /there is no such container/],
    [['rmi', 'nobody'], 125, /there is no such image/],
  ];
  for (const [args, code, said] of refused) {
    it(`refuses ${args.map((arg) => path.basename(arg)).join(' ')}`, async () => {
      const result = await krustlet(...args);
      assert.equal(result.code, code);
      assert.match(result.stderr, said);
      assert.equal(result.stdout, '');
    });
  }
});

describe('a detached container', () => {
  const journal = path.join(modules, 'journal.wasm');

  it('is listed, read, looked into, stopped and removed', async () => {
    const shared = path.join(folder, 'journal');
    mkdirSync(shared);
    const volume = `${shared}:/journal`;
    const run = await krustlet('run', '-d', '--name', 'j', '-v', volume, journal);
    assert.deepEqual(run, { code: 0, stdout: 'j\n', stderr: '' });

    const follower = start('logs', '--follow', 'j');
    const followed = end(follower);
    assert.match((await krustlet('ps')).stdout, /^j +Running/m);
    assert.match(
      (await krustlet('exec', 'j', 'cat', '/journal/entries.txt')).stdout,
      /Nothing new/,
    );
    assert.equal((await krustlet('exec', 'j', 'no-such-command')).code, 127);
    assert.match((await krustlet('rm', 'j')).stderr, /it runs/);
    assert.deepEqual(await krustlet('stop', 'j'), { code: 0, stdout: 'j\n', stderr: '' });

    const log = (await krustlet('logs', 'j')).stdout;
    assert.match(log, /Entry 1 is in/);
    assert.equal((await followed).stdout, log);
    assert.match(
      (await krustlet('logs', '--tail', '1', '-t', 'j')).stdout,
      /^\d{4}-.*Z Entry \d+.*\n$/,
    );
    assert.match(readFileSync(path.join(shared, 'entries.txt'), 'utf8'), /Nothing new/);
    assert.equal((await krustlet('rm', 'j')).code, 0);
    assert.doesNotMatch((await krustlet('ps', '--all')).stdout, /^j /m);
  });
});

describe('a container of another version, whose spec cannot be read', () => {
  it('is listed and removed, and hides no other', async () => {
    const directory = path.join(folder, 'data', 'containers', 'other');
    mkdirSync(directory, { recursive: true });
    writeFileSync(path.join(directory, 'spec.json'), '{"id":"other","later":true}');
    assert.match((await krustlet('ps', '--all')).stdout, /^other .*another version/m);
    assert.equal((await krustlet('rm', '--force', 'other')).code, 0);
    assert.doesNotMatch((await krustlet('ps', '--all')).stdout, /^other /m);
  });
});

describe('the command line', () => {
  const unknown: readonly (readonly [what: string, args: readonly string[], said: string])[] = [
    ['command', ['hlep'], "unknown command 'hlep', did you mean 'help'?"],
    ['command to help with', ['help', 'rnu'], "unknown command 'rnu', did you mean 'run'?"],
  ];
  for (const [what, args, said] of unknown) {
    it(`names the nearest one where a ${what} is unknown`, async () => {
      const { code, stdout, stderr } = await krustlet(...args);
      assert.deepEqual([code, stdout, stderr], [125, '', `krustlet: ${said}\n`]);
    });
  }

  it('says nothing where its output is not read', async () => {
    const child = start('help');
    child.stdout?.destroy();
    assert.deepEqual(await end(child), { code: 0, stdout: '', stderr: '' });
  });
});

describe('the pods of a manifest', () => {
  it('run in the foreground until they end', async () => {
    const result = await krustlet('run', path.join(root, 'examples', 'hello.yaml'));
    assert.equal(result.code, 0);
    assert.equal(
      result.stdout,
      'Hello, Ada and Grace!\nI am hello, a WebAssembly module in a process of its own.\n',
    );
  });

  it('run in the background, serve on their address, and are stopped by the name of one', async () => {
    const run = await krustlet('run', '--detach', path.join(root, 'examples', 'web.yaml'));
    assert.deepEqual(run, { code: 0, stdout: 'web\n', stderr: '' });
    for (const flags of [['--detach'], []]) {
      const again = await krustlet('run', ...flags, path.join(root, 'examples', 'web.yaml'));
      assert.equal(again.code, 125);
      assert.match(again.stderr, /a pod 'web' runs already; stop it with 'krustlet stop web'\n$/);
    }
    const [container] = JSON.parse((await krustlet('ps', '--output', 'json')).stdout);
    const { address, port } = container.listeners[0];
    const answer = await fetch(`http://${address}:${port}/`);
    assert.match(await answer.text(), /^Hello, visitor 1!/);
    assert.equal((await krustlet('stop', 'web')).code, 0);
    assert.match((await krustlet('ps')).stdout, /^NAME[^\n]*\n$/);
    assert.equal((await krustlet('rm', 'web')).code, 0);
  });

  it('are listed with the address that a component serves at without a containerPort', async () => {
    const component = path.join(root, 'examples', 'components', 'greeting.wasm');
    const manifest = path.join(folder, 'greeting.yaml');
    writeFileSync(
      manifest,
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'greeting' },
        spec: { containers: [{ name: 'web', image: `file:${component}` }] },
      }),
    );
    assert.equal((await krustlet('run', '--detach', manifest)).code, 0);
    const [, address] = /(127\.64\.\S+:8080)/.exec((await krustlet('ps')).stdout) ?? [];
    assert.equal(await (await fetch(`http://${address}/Ada`)).text(), 'Hello, Ada!\n');
    const [container] = JSON.parse((await krustlet('ps', '--output', 'json')).stdout);
    assert.deepEqual(container.addresses, [address]);
    assert.equal((await krustlet('stop', 'greeting')).code, 0);
    assert.equal((await krustlet('rm', 'greeting')).code, 0);
  });

  it('keep their Secrets out of lists', async () => {
    const manifest = path.join(root, 'examples', 'journal.yaml');
    assert.equal((await krustlet('run', '--detach', manifest)).code, 0);
    const { stdout } = await krustlet('ps', '--output', 'json');
    const shown: readonly object[] = JSON.parse(stdout);
    const keys = ['id', 'name', 'image', 'engine', 'state', 'addresses', 'listeners'];
    assert.deepEqual(shown.map(Object.keys), [keys]);
    const password = /password: (.*)/.exec(readFileSync(manifest, 'utf8'))?.[1] ?? '';
    assert.ok(password.length > 0 && !stdout.includes(password), stdout);
    assert.equal((await krustlet('stop', 'journal')).code, 0);
    assert.equal((await krustlet('rm', 'journal')).code, 0);
  });

  const podOf = (pod: string, spec: string) => {
    const file = path.join(folder, `${pod}.yaml`);
    writeFileSync(file, `apiVersion: v1\nkind: Pod\nmetadata: {name: ${pod}}\nspec: ${spec}\n`);
    return file;
  };

  it('end with 0 where a sidecar was ended with them', async () => {
    const spin = await assemble('(loop br 0)');
    const greeter = await assemble(greet);
    const file = podOf(
      'aided',
      `{restartPolicy: Never, initContainers: [{name: aide, image: "file:${spin}", restartPolicy: Always}],
        terminationGracePeriodSeconds: 1, containers: [{name: main, image: "file:${greeter}"}]}`,
    );
    assert.equal((await krustlet('run', file)).code, 0);
  });

  it('say once why they cannot run', async () => {
    const file = podOf(
      'claims',
      `{volumes: [{name: v, hostPath: {path: /none, type: Directory}}],
        containers: [{name: main, image: "file:${await assemble('')}"}]}`,
    );
    const { code, stderr } = await krustlet('run', file);
    assert.equal(code, 125);
    assert.match(stderr, /^krustlet: [^\n]*none cannot be mounted[^\n]*\n$/);
  });

  it('say why a container cannot start, without its id', async () => {
    const file = podOf(
      'nowhere',
      `{containers: [{name: main, workingDir: here, image: "file:${await assemble('')}"}]}`,
    );
    const { code, stderr } = await krustlet('run', file);
    assert.equal(code, 125);
    assert.match(
      stderr,
      /^krustlet: container "main": RunContainerError: Cannot read container spec: 'workingDir': .*\n$/,
    );
  });

  it('take no options that the manifest should say', async () => {
    const file = podOf('plain', '{containers: [{name: main, image: "file:./a.wasm"}]}');
    const { code, stderr } = await krustlet('run', '--env', 'A=b', file);
    assert.equal(code, 125);
    assert.match(stderr, /failed: --env goes with a module; the manifest says it\n$/);
  });

  it('end where nobody reads what they write', async () => {
    const file = podOf(
      'unread',
      `{terminationGracePeriodSeconds: 1, containers: [{name: main, image: "file:${await assemble(`(loop $more ${greet} (br $more))`)}"}]}`,
    );
    const child = start('run', file);
    const over = once(child, 'close');
    child.stdout?.once('data', () => child.stdout?.destroy());
    assert.deepEqual(await over, [0, null]);
  });

  it('leave nothing when they are removed after their supervisor was killed', async () => {
    const spin = await assemble('(loop br 0)');
    const file = podOf(
      'orphan',
      `{volumes: [{name: v, emptyDir: {}}], containers: [{name: main, image: "file:${spin}"}]}`,
    );
    assert.equal((await krustlet('run', '--detach', file)).code, 0);
    const data = path.join(folder, 'data');
    const [record = ''] = readdirSync(path.join(data, 'supervisors'));
    process.kill(Number.parseInt(record, 10), 'SIGKILL');
    assert.equal((await krustlet('stop', '--time', '1', 'orphan')).code, 0);
    assert.equal((await krustlet('rm', 'orphan')).code, 0);
    assert.deepEqual(readdirSync(path.join(data, 'pods')), []);
    assert.deepEqual(readdirSync(path.join(data, 'logs', 'pods')), []);
  });

  it('are ended in the foreground by stop', async () => {
    const spin = await assemble('(loop br 0)');
    const file = podOf(
      'shown',
      `{terminationGracePeriodSeconds: 1, containers: [{name: main, image: "file:${spin}"}]}`,
    );
    const child = start('run', file);
    const result = end(child);
    while (!(await krustlet('ps')).stdout.includes('shown/main'));
    assert.equal((await krustlet('stop', 'shown')).code, 0);
    assert.equal((await result).code, 0);
  });

  const bad: readonly (readonly [what: string, yaml: string, said: RegExp])[] = [
    [
      'an unknown field',
      'spec: {containers: [{name: a, imagee: b}]}',
      /imagee: unknown field.*'image'/,
    ],
    ['no containers', 'spec: {containers: []}', /spec\.containers/],
    [
      'a missing module',
      'spec: {containers: [{name: a, image: "file:./none.wasm"}]}',
      /no such file/,
    ],
    [
      'a volume that is not there',
      'spec: {containers: [{name: a, image: "file:./a.wasm", volumeMounts: [{name: v, mountPath: /v}]}]}',
      /volumeMounts/,
    ],
  ];
  for (const [what, yaml, said] of bad) {
    it(`are refused with ${what}`, async () => {
      const file = path.join(folder, 'bad.yaml');
      writeFileSync(file, `apiVersion: v1\nkind: Pod\nmetadata: {name: bad}\n${yaml}\n`);
      for (const options of [[], ['--detach']]) {
        const result = await krustlet('run', ...options, file);
        assert.equal(result.code, 125);
        assert.match(result.stderr, said);
      }
    });
  }
});

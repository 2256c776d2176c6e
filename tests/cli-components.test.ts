import assert from 'node:assert/strict';
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from './support/free-port.ts';

const root = path.resolve(import.meta.dirname, '..');
const components = path.join(import.meta.dirname, 'fixtures', 'components');

async function answerOf(url: string): Promise<string> {
  for (;;) {
    try {
      return await (await fetch(url)).text();
    } catch {
      await delay(50); // not listening yet
    }
  }
}

/** What comes back from a server of TCP that may not listen yet. */
async function echoOf(port: number, message: string): Promise<string> {
  for (;;) {
    const socket = connect(port, '127.0.0.1');
    socket.end(message);
    const answer = await text(socket).catch(() => '');
    if (answer !== '') return answer;
    await delay(50);
  }
}

describe('krustlet run', () => {
  const served = [
    ['http-hello', '/hello', /^Hello, wasi:http/],
    ['http-service', '/hello', /^Hello, wasi:http/],
    ['http-composed', '/seen', /^1$/],
    ['http-service-composed', '/hello', /^Hello, wasi:http/],
  ] as const;
  for (const [name, route, expected] of served) {
    it(`serves with ${name} in the foreground, until it is told to end`, async () => {
      const dataDir = mkdtempSync(path.join(tmpdir(), 'krustlet-components-'));
      const port = await freePort();
      const component = path.join(components, `${name}.wasm`);
      const args = ['run', '--rm', '--publish', String(port), component];
      const child = spawn(process.execPath, [path.join(root, 'bin', 'krustlet.js'), ...args], {
        env: { ...process.env, KRUSTLET_DATA_DIR: dataDir },
        stdio: 'ignore',
      });
      const ended = once(child, 'close');
      try {
        const served = answerOf(`http://127.0.0.1:${port}${route}`);
        const failed = ended.then(([code]) => `ended with ${code}`);
        assert.match(await Promise.race([served, failed]), expected);
        child.kill('SIGTERM');
        assert.deepEqual(await ended, [0, null]);
      } finally {
        child.kill('SIGKILL');
        rmSync(dataDir, { recursive: true, force: true });
      }
    });
  }

  it('serves TCP with a command of WASI 0.3, at the port of the host that its pod has', async () => {
    const dataDir = mkdtempSync(path.join(tmpdir(), 'krustlet-components-'));
    const hostPort = await freePort();
    const manifest = path.join(dataDir, 'pod.yaml');
    const container = {
      name: 'echo',
      image: `file:${path.join(components, 'async-echo.wasm')}`,
      args: ['7000'],
      ports: [{ containerPort: 7000, hostPort, hostIP: '127.0.0.1' }],
    };
    const spec = { terminationGracePeriodSeconds: 1, containers: [container] };
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'echo' }, spec };
    writeFileSync(manifest, JSON.stringify(pod));
    const child = spawn(
      process.execPath,
      [path.join(root, 'bin', 'krustlet.js'), 'run', manifest],
      { env: { ...process.env, KRUSTLET_DATA_DIR: dataDir }, stdio: 'ignore' },
    );
    const ended = once(child, 'close');
    try {
      const answers = Promise.all(['one', 'two'].map((message) => echoOf(hostPort, message)));
      const failed = ended.then(([code]) => `ended with ${code}`);
      assert.deepEqual(await Promise.race([answers, failed]), ['one', 'two']);
      child.kill('SIGTERM');
      await ended;
    } finally {
      child.kill('SIGKILL');
      rmSync(dataDir, { recursive: true, force: true });
    }
  });

  it('runs a composed command', async () => {
    const dataDir = mkdtempSync(path.join(tmpdir(), 'krustlet-components-'));
    const component = path.join(components, 'composed-command.wasm');
    const args = ['run', '--rm', component, '--', 'values'];
    const child = spawn(process.execPath, [path.join(root, 'bin', 'krustlet.js'), ...args], {
      env: { ...process.env, KRUSTLET_DATA_DIR: dataDir },
      stdio: 'ignore',
    });
    assert.deepEqual(await once(child, 'close'), [0, null]);
    rmSync(dataDir, { recursive: true, force: true });
  });

  describe('gives a component sockets', () => {
    const sockets = path.join(components, 'sockets.wasm');
    let dataDir: string;

    before(() => {
      dataDir = mkdtempSync(path.join(tmpdir(), 'krustlet-sockets-'));
    });
    after(() => rmSync(dataDir, { recursive: true, force: true }));

    function run(...args: readonly string[]): ChildProcessByStdio<null, Readable, null> {
      const program = path.join(root, 'bin', 'krustlet.js');
      return spawn(process.execPath, [program, 'run', '--rm', ...args], {
        env: { ...process.env, KRUSTLET_DATA_DIR: dataDir },
        stdio: ['ignore', 'pipe', 'ignore'],
      });
    }

    it('that listen where it is published', async () => {
      const port = String(await freePort());
      const server = run('--publish', port, sockets, 'tcp-server', `0.0.0.0:${port}`, '1');
      const output = text(server.stdout);
      const answer = await echoOf(Number(port), 'hello');
      assert.equal(answer, 'hello');
      assert.equal(await output, `127.0.0.1:${port}\ndone\n`);
    });

    it('that listen nowhere else', async () => {
      const port = await freePort();
      const elsewhere = run('--publish', String(port), sockets, 'bind', `127.0.0.1:${port + 1}`);
      assert.equal(await text(elsewhere.stdout), 'AddrNotAvailable\n');
    });

    it('of WASI 0.3 that listen there, for as long as it is not told to end', async () => {
      const port = String(await freePort());
      const server = run('--publish', port, path.join(components, 'async-echo.wasm'), port);
      const output = text(server.stdout);
      assert.equal(await echoOf(Number(port), 'hello'), 'hello');
      server.kill('SIGTERM');
      assert.equal(await output, `127.0.0.1:${port}\n`);
    });

    it('that connect where it is allowed to, and not to other services of this machine', async () => {
      await using server = createServer((socket) => socket.pipe(socket)).listen(0, '127.0.0.1');
      await once(server, 'listening');
      const { port } = server.address() as AddressInfo;
      const client = [sockets, 'tcp-client', `127.0.0.1:${port}`, 'hello'];
      const allowed = run('--allow-domain', `127.0.0.1:${port}`, ...client);
      assert.equal(await text(allowed.stdout), `127.0.0.1 127.0.0.1:${port} hello\n`);
      for (const option of [
        ['--publish', String(port)],
        ['--allow-domain', '127.0.0.1:1'],
        ['--allow-domain', 'insecure:allow-all'],
        [],
      ]) {
        assert.equal(await text(run(...option, ...client).stdout), 'PermissionDenied\n');
      }
    });
  });
});

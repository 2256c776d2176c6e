import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';

const root = path.resolve(import.meta.dirname, '..');
const components = path.join(import.meta.dirname, 'fixtures', 'components');

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

async function answerOf(url: string): Promise<string> {
  for (;;) {
    try {
      return await (await fetch(url)).text();
    } catch {
      await delay(50); // not listening yet
    }
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
});

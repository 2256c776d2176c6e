import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { access } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { skipWithout } from './cluster/tools.ts';
import { TestRegistry } from './registry/test-registry.ts';
import { freePorts } from './support/free-port.ts';

const root = path.resolve(import.meta.dirname, '..');
const program = path.join(root, 'bin', 'krustlet.js');
const module = path.join(root, 'examples', 'modules', 'hello.wasm');
const component = path.join(root, 'tests', 'fixtures', 'components', 'http-hello.wasm');

describe('images on the command line', { skip: skipWithout('registry') }, () => {
  let folder: string;
  let registry: TestRegistry;

  before(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'krustlet-cli-images-'));
    registry = await TestRegistry.start();
    await promisify(execFile)(process.execPath, [path.join(root, 'scripts', 'build-examples.ts')]);
  });
  after(async () => {
    await registry[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });

  async function krustlet(...args: string[]): Promise<string> {
    const env = { ...process.env, KRUSTLET_DATA_DIR: path.join(folder, 'data') };
    const { stdout } = await promisify(execFile)(process.execPath, [program, ...args], { env });
    return stdout;
  }

  it('are pushed, run, listed and removed', async () => {
    const name = `${registry.host}/team/hello:1`;
    const [pushed, digest] = (await krustlet('push', module, name)).split('\n');
    assert.equal(pushed, name);
    assert.match(await krustlet('run', '--rm', name, 'Ada'), /^Hello, Ada!\n/);
    assert.equal(await krustlet('pull', name), `${name}\n${digest}\n`);
    const images: { name: string; digest: string }[] = JSON.parse(
      await krustlet('images', '-o', 'json'),
    );
    assert.deepEqual(
      images.map((image) => [image.name, image.digest]),
      [[name, digest]],
    );
    assert.equal(await krustlet('rmi', name), `${name}\n`);
    assert.deepEqual(JSON.parse(await krustlet('images', '-o', 'json')), []);
  });

  it('say which variable names a file that is not there', async () => {
    process.env.SSL_CERT_FILE = '/no/such';
    try {
      await assert.rejects(krustlet('pull', `${registry.host}/team/hello:1`), {
        stderr: /^krustlet: reading SSL_CERT_FILE '\/no\/such' failed: ENOENT/,
      });
    } finally {
      delete process.env.SSL_CERT_FILE;
    }
  });

  it('of components serve HTTP, and go with what was prepared of them', async () => {
    const name = `${registry.host}/team/greeting:1`;
    const [port = 0] = await freePorts('127.0.0.1', 1);
    await krustlet('push', component, name);
    await krustlet('run', '--detach', '--name', 'greeting', '--publish', String(port), name);
    const response = await fetch(`http://127.0.0.1:${port}/`);
    assert.deepEqual([response.status, /wasi:http/.test(await response.text())], [200, true]);
    const [container] = JSON.parse(await krustlet('inspect', 'greeting'));
    assert.equal(container.isolation.kind, 'reset');
    await krustlet('rm', '--force', 'greeting');
    await krustlet('rmi', name);
    await assert.rejects(access(container.spec.modulePath), { code: 'ENOENT' });
    await assert.rejects(access(container.spec.preparedPath), { code: 'ENOENT' });
  });
});

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { skipWithoutCluster } from '../test-cluster.ts';
import { waiting } from './server-guests.ts';
import { ServerWorkbench } from './server-workbench.ts';

describe('kubectl cp', { skip: skipWithoutCluster, timeout: 60_000 }, () => {
  let bench: ServerWorkbench;

  before(async () => {
    bench = await ServerWorkbench.start();
    const volumeMounts = [{ name: 'data', mountPath: '/data' }];
    await bench.run('files', [{ guest: waiting, volumeMounts }], {
      volumes: [{ name: 'data', emptyDir: {} }],
    });
  });
  after(() => bench[Symbol.asyncDispose]());

  const copy = async (from: string, to: string): Promise<void> => {
    const { code, stderr } = await bench.kubectl.run('cp', from, to);
    assert.equal(code, 0, stderr);
  };

  it('copies a file there and back', async () => {
    const bytes = randomBytes(5_000_000);
    const [there, back] = ['there.bin', 'back.bin'].map((name) => path.join(bench.directory, name));
    writeFileSync(there ?? '', bytes);
    await copy(there ?? '', 'files:/data/file.bin');
    const { stdout } = await bench.kubectl.run('exec', 'files', '--', 'ls', '/data');
    assert.match(stdout, /^file\.bin$/m);
    await copy('files:/data/file.bin', back ?? '');
    assert.ok(bytes.equals(readFileSync(back ?? '')));
  });

  it('copies a folder there and back', async () => {
    const there = path.join(bench.directory, 'folder');
    mkdirSync(path.join(there, 'inner'), { recursive: true });
    writeFileSync(path.join(there, 'inner', 'deep.txt'), 'deep');
    writeFileSync(path.join(there, 'a name with spaces'), '');
    await copy(there, 'files:/data');
    const back = path.join(bench.directory, 'copied');
    await copy('files:/data/folder', back);
    assert.deepEqual(readdirSync(back).sort(), ['a name with spaces', 'inner']);
    assert.equal(readFileSync(path.join(back, 'inner', 'deep.txt'), 'utf8'), 'deep');
  });

  it('says that a file is not there', async () => {
    const { code, stderr } = await bench.kubectl.run(
      'cp',
      'files:/data/none',
      `${bench.directory}/x`,
    );
    assert.notEqual(code, 0);
    assert.match(stderr, /none|exit code 1/);
  });
});

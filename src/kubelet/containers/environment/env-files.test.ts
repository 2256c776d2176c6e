import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { Worker } from 'node:worker_threads';
import { EnvFiles } from './env-files.ts';

const refusal = (message: string | RegExp) => ({ code: 'CreateContainerConfigError', message });

describe('EnvFiles', () => {
  let root = '';
  let volume = '';
  beforeEach(async () => {
    root = await mkdtemp(path.join(tmpdir(), 'krustlet-env-'));
    volume = path.join(root, 'volume');
    await mkdir(path.join(volume, 'a'), { recursive: true });
    await mkdir(path.join(root, 'outside'));
    await writeFile(path.join(volume, 'a', 'env'), 'WHOSE=mine\n');
    await writeFile(path.join(root, 'outside', 'env'), "WHOSE=the node's\n");
  });
  afterEach(() => rm(root, { recursive: true }));

  const read = (file: string, key = 'WHOSE', optional = false) =>
    new EnvFiles(new Map([['v', volume]])).value({ volumeName: 'v', path: file, key, optional });

  it('has what is there, and nothing for what is missing and may be', async () => {
    assert.equal(await read('a/env'), 'mine');
    assert.equal(await read('a/env', 'OTHER', true), undefined);
    assert.equal(await read('a/none', 'WHOSE', true), undefined);
    assert.equal(await read('b/none', 'WHOSE', true), undefined);
  });

  it('refuses what is missing and may not be', async () => {
    const message = 'environment variable key "OTHER" not found in file "a/env"';
    await assert.rejects(read('a/env', 'OTHER'), refusal(message));
    await assert.rejects(read('a/none'), refusal(/key "WHOSE" not found in file "a\/none"/));
  });

  it('follows links that stay inside, and none that lead out', async () => {
    await symlink('a/env', path.join(volume, 'inside'));
    await symlink('../outside/env', path.join(volume, 'out'));
    assert.equal(await read('inside'), 'mine');
    for (const file of ['out', '../outside/env']) {
      await assert.rejects(read(file, 'WHOSE', true), refusal(`couldn't read env file "${file}"`));
    }
  });

  it('waits for no FIFO, and reads no directory', { timeout: 30_000 }, async () => {
    execFileSync('mkfifo', [path.join(volume, 'fifo')]);
    for (const file of ['fifo', 'a']) {
      await assert.rejects(read(file), refusal(`couldn't read env file "${file}"`));
    }
  });

  it('takes a file, a key and a value up to their longest and no more', async () => {
    const file = path.join(volume, 'big');
    await writeFile(file, `K=v\n${'#'.repeat(65_532)}`);
    assert.equal(await read('big', 'K'), 'v');
    await truncate(file, 65_537);
    await assert.rejects(read('big', 'K'), refusal('env file "big" has more than 65536 bytes'));
    const key = 'k'.repeat(128);
    await writeFile(file, `${key}=${'v'.repeat(32_768)}\n`);
    assert.equal((await read('big', key))?.length, 32_768);
    await writeFile(file, `K=${'v'.repeat(32_769)}\n`);
    const message = 'value of "K" in file "big" has more than 32768 bytes';
    await assert.rejects(read('big', 'K'), refusal(message));
    await assert.rejects(read('big', `${key}k`), refusal(/has more than 128 bytes$/));
  });

  it('takes no memory for a file that has much more than is allowed', async () => {
    await writeFile(path.join(volume, 'sparse'), '');
    await truncate(path.join(volume, 'sparse'), 2 ** 40);
    await assert.rejects(read('sparse'), refusal(/has more than 65536 bytes$/));
  });

  it('reads each file once', async () => {
    const files = new EnvFiles(new Map([['v', volume]]));
    const reference = { volumeName: 'v', path: 'a/env', key: 'WHOSE', optional: false };
    assert.equal(await files.value(reference), 'mine');
    await writeFile(path.join(volume, 'a', 'env'), 'WHOSE=other\n');
    assert.equal(await files.value(reference), 'mine');
  });

  it('reads nothing outside while a directory on its way becomes a link, and back', async () => {
    const attacker = new Worker(keepChanging, { eval: true, workerData: path.join(volume, 'way') });
    await once(attacker, 'message');
    const values = new Set<string | undefined>();
    for (let round = 0; round < 1_000; round += 1) {
      // Whether there is anything is a matter of the moment.
      values.add(await read('way/env', 'WHOSE', true).catch(() => undefined));
    }
    await attacker.terminate();
    assert.ok(!values.has("the node's"));
  });
});

/** Lets a name be a directory and a link to the outside by turns, as far as others let it. */
const keepChanging = `
  const { renameSync, symlinkSync, mkdirSync, writeFileSync } = require('node:fs');
  const { parentPort, workerData: name } = require('node:worker_threads');
  mkdirSync(name);
  writeFileSync(name + '/env', 'WHOSE=mine');
  symlinkSync('../outside', name + '.link');
  parentPort.postMessage('begun');
  for (;;) {
    renameSync(name, name + '.directory');
    renameSync(name + '.link', name);
    renameSync(name, name + '.link');
    renameSync(name + '.directory', name);
  }
`;

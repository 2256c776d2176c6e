import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { Worker } from 'node:worker_threads';
import { enterBeneath } from './enter-beneath.ts';

describe('enterBeneath', () => {
  let root = '';
  let volume = '';
  beforeEach(async () => {
    root = await mkdtemp(path.join(tmpdir(), 'krustlet-subpath-'));
    volume = path.join(root, 'volume');
    await mkdir(path.join(root, 'outside'));
    await mkdir(path.join(volume, 'a'), { recursive: true });
    await writeFile(path.join(volume, 'a', 'file'), '');
  });
  afterEach(() => rm(root, { recursive: true }));

  /** Where a path leads, from the root of the test. */
  async function placeOf(subPath: string, make = false): Promise<string> {
    await using place = await enterBeneath(volume, subPath, { make });
    return path.relative(root, await realpath(place.path));
  }

  it('finds directories and files', async () => {
    assert.equal(await placeOf('.'), 'volume');
    assert.equal(await placeOf('a'), 'volume/a');
    assert.equal(await placeOf('./a//file'), 'volume/a/file');
    assert.equal(await placeOf('a/../a'), 'volume/a');
  });

  it('makes what is missing, where it is asked to', async () => {
    await assert.rejects(placeOf('new'), { code: 'FailedMount' });
    assert.equal(await placeOf('new/deep', true), 'volume/new/deep');
  });

  it('follows links that stay inside', async () => {
    await symlink('a', path.join(volume, 'link'));
    await symlink('../link/file', path.join(volume, 'a', 'back'));
    assert.equal(await placeOf('link/file'), 'volume/a/file');
    assert.equal(await placeOf('link/back'), 'volume/a/file');
  });

  for (const [name, target] of [
    ['absolute', '/etc'],
    ['relative', '../outside'],
    ['beside, with the same beginning', '../volume-2'],
    ['to itself', 'out'],
  ] as const) {
    it(`refuses a link that leads out: ${name}`, async () => {
      await mkdir(path.join(root, 'volume-2'));
      await symlink(target, path.join(volume, 'out'));
      await assert.rejects(placeOf('out', true), { code: 'FailedMount' });
      await assert.rejects(placeOf('out/new', true), { code: 'FailedMount' });
      assert.deepEqual(await readdir(path.join(root, 'outside')), []);
      assert.deepEqual(await readdir(path.join(root, 'volume-2')), []);
    });
  }

  it('refuses a file on the way', async () => {
    await assert.rejects(placeOf('a/file/x'), { code: 'FailedMount' });
  });

  it('makes nothing outside while a directory on its way becomes a link, and back', async () => {
    const attacker = new Worker(keepChanging, { eval: true, workerData: path.join(volume, 'way') });
    await once(attacker, 'message');
    for (let round = 0; round < 500; round += 1) {
      // Whether it succeeds is a matter of the moment.
      await placeOf(`way/${round}/deep`, true).catch(() => undefined);
    }
    await attacker.terminate();
    assert.deepEqual(await readdir(path.join(root, 'outside')), []);
  });
});

/** Lets a name be a directory and a link to the outside by turns, as far as others let it. */
const keepChanging = `
  const { mkdirSync, rmSync, symlinkSync } = require('node:fs');
  const { parentPort, workerData: name } = require('node:worker_threads');
  const attempt = (action) => { try { action(); } catch {} };
  parentPort.postMessage('begun');
  for (;;) {
    attempt(() => mkdirSync(name));
    attempt(() => rmSync(name, { recursive: true }));
    attempt(() => symlinkSync('../outside', name));
    attempt(() => rmSync(name));
  }
`;

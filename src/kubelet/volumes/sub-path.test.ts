import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { resolveSubPath } from './sub-path.ts';

describe('resolveSubPath', () => {
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

  it('finds directories and files, and makes what is missing', async () => {
    assert.equal(await resolveSubPath(volume, 'a'), path.join(volume, 'a'));
    assert.equal(await resolveSubPath(volume, 'a/file'), path.join(volume, 'a', 'file'));
    assert.equal(await resolveSubPath(volume, 'new/deep'), path.join(volume, 'new', 'deep'));
  });

  it('follows links that stay inside', async () => {
    await symlink('a', path.join(volume, 'link'));
    assert.equal(await resolveSubPath(volume, 'link/file'), path.join(volume, 'a', 'file'));
  });

  for (const [name, target] of [
    ['absolute', '/etc'],
    ['relative', '../outside'],
    ['beside, with the same beginning', '../volume-2'],
  ] as const) {
    it(`refuses a link that leads out: ${name}`, async () => {
      await mkdir(path.join(root, 'volume-2'));
      await symlink(target, path.join(volume, 'out'));
      await assert.rejects(resolveSubPath(volume, 'out'), { code: 'FailedMount' });
      await assert.rejects(resolveSubPath(volume, 'out/new'), { code: 'FailedMount' });
      assert.deepEqual(await readdir(path.join(root, 'outside')), []);
      assert.deepEqual(await readdir(path.join(root, 'volume-2')), []);
    });
  }

  it('refuses a file on the way', async () => {
    await assert.rejects(resolveSubPath(volume, 'a/file/x'), { code: 'FailedMount' });
  });
});

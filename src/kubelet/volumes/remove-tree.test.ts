import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { Worker } from 'node:worker_threads';
import { makeDeepTree } from '../../../tests/support/make-deep-tree.ts';
import { removeTree } from './remove-tree.ts';

describe('removeTree', () => {
  let root = '';
  let tree = '';
  beforeEach(async () => {
    root = await mkdtemp(path.join(tmpdir(), 'krustlet-remove-'));
    tree = path.join(root, 'tree');
    await mkdir(path.join(tree, 'a', 'b'), { recursive: true });
    await writeFile(path.join(tree, 'a', 'b', 'file'), 'text');
    await mkdir(path.join(root, 'outside'));
    await writeFile(path.join(root, 'outside', 'kept'), 'text');
  });
  // Not that of Node, which the trees of this test are too deep for.
  afterEach(() => execFileSync('rm', ['-rf', root]));

  async function assertRemoved(): Promise<void> {
    await removeTree(tree);
    assert.deepEqual(await readdir(root), ['outside']);
    assert.deepEqual(await readdir(path.join(root, 'outside')), ['kept']);
  }

  it('removes a tree, and takes a missing one for removed', async () => {
    await assertRemoved();
    await assertRemoved();
  });

  it('removes what is a file or a link and no directory', async () => {
    await rm(tree, { recursive: true });
    await writeFile(tree, 'text');
    await assertRemoved();
    await symlink('outside', tree);
    await assertRemoved();
  });

  it('removes a tree whose paths are longer than a path may be', async () => {
    await makeDeepTree(tree, { levels: 60, name: 'd'.repeat(100) });
    await assert.rejects(rm(tree, { recursive: true }), { code: 'ENAMETOOLONG' });
    await assertRemoved();
  });

  it('removes a tree of more levels than this process may have open files', async () => {
    await makeDeepTree(tree, { levels: 3_000, name: 'd' });
    await assertRemoved();
  });

  it('removes many files, FIFOs and names that are no UTF-8', async () => {
    const names = Array.from({ length: 2_000 }, (_, index) => path.join(tree, `${index}`));
    await Promise.all(names.map((name) => writeFile(name, '')));
    execFileSync('mkfifo', [path.join(tree, 'fifo')]);
    await mkdir(Buffer.concat([Buffer.from(`${tree}/`), Buffer.of(0xff, 0xe9)]));
    await writeFile(Buffer.concat([Buffer.from(`${tree}/a/`), Buffer.of(0xc3, 0x41)]), '');
    await writeFile(path.join(tree, 'ü'), '');
    await assertRemoved();
  });

  it('follows no link', async () => {
    await symlink('../../outside', path.join(tree, 'a', 'relative'));
    await symlink(path.join(root, 'outside'), path.join(tree, 'absolute'));
    await symlink('.', path.join(tree, 'a', 'itself'));
    await assertRemoved();
  });

  it('removes nothing outside while directories become links, and back', async () => {
    const attacker = new Worker(keepChanging, { eval: true, workerData: tree });
    await once(attacker, 'message');
    for (let round = 0; round < 300; round += 1) {
      // It may make things faster than they can be removed.
      await removeTree(tree).catch(() => undefined);
      assert.ok(existsSync(path.join(root, 'outside', 'kept')));
    }
    await attacker.terminate();
    await assertRemoved();
  });
});

/** Lets a name be a directory and a link to the outside by turns, as far as others let it. */
const keepChanging = `
  const { mkdirSync, renameSync, symlinkSync } = require('node:fs');
  const { parentPort, workerData: tree } = require('node:worker_threads');
  const attempt = (action) => { try { action(); } catch {} };
  parentPort.postMessage('begun');
  for (;;) {
    attempt(() => mkdirSync(tree + '/way/sub', { recursive: true }));
    attempt(() => symlinkSync('../outside', tree + '/link'));
    attempt(() => renameSync(tree + '/way', tree + '/gone'));
    attempt(() => renameSync(tree + '/link', tree + '/way'));
    attempt(() => renameSync(tree + '/way', tree + '/link'));
    attempt(() => renameSync(tree + '/gone', tree + '/way'));
  }
`;

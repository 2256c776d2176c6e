import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { emptyImageConfig } from '../content/image-config.ts';
import { applyEntry } from './apply-entry.ts';
import { FileTree } from './file-tree.ts';
import { findProgram } from './find-program.ts';
import { LayerBudget } from './layer-budget.ts';
import type { EntryType } from './tar-header.ts';

const add = (tree: FileTree, name: string, type: EntryType = 'file', linkname = '') =>
  applyEntry(
    tree,
    { name, type, linkname, mode: 0o755, size: 0, mtime: new Date(0) },
    { layer: 0, entry: 0 },
  );

const searching = (directories: readonly string[], entrypoint = 'app') => ({
  ...emptyImageConfig,
  entrypoint: [entrypoint],
  env: [{ name: 'PATH', value: directories.join(':') }],
});

describe('findProgram', () => {
  it('looks into 64 directories of PATH', () => {
    const tree = new FileTree();
    add(tree, 'bin/app');
    const others = (count: number) => Array<string>(count).fill('/nowhere');
    assert.equal(findProgram(tree, searching([...others(63), '/bin']), 'x').path, '/bin/app');
    assert.throws(() => findProgram(tree, searching([...others(64), '/bin']), 'x'), {
      message:
        "find the module of x: its entrypoint 'app' is no file in it, and no file in it ends in .wasm",
    });
  });

  it('says no more of a long entrypoint than its beginning', () => {
    const config = searching(['/bin'], 'a/'.repeat(1_000_000));
    assert.throws(() => findProgram(new FileTree(), config, 'x'), {
      message: /entrypoint '(a\/){100}…' is no file/,
    });
  });

  it('follows links only so far', () => {
    const budget = new LayerBudget({ maxSteps: 10_000 });
    budget.enter('/store/layer');
    const tree = new FileTree({ onStep: () => budget.spendStep() });
    add(tree, 'a', 'directory');
    add(tree, 'long', 'symlink', `${'a/../'.repeat(800)}a`);
    assert.throws(() => findProgram(tree, searching(Array(64).fill('/long')), 'x'), {
      code: 'TooLarge',
      message: /'\/store\/layer'.* more than the 10000 steps on the ways of its paths and links/,
    });
  });
});

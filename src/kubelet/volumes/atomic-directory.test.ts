import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, readlink, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { writeAtomically } from './atomic-directory.ts';

const files = (entries: Readonly<Record<string, string>>, mode = 0o644) =>
  new Map(
    Object.entries(entries).map(([name, text]) => [name, { bytes: Buffer.from(text), mode }]),
  );

describe('writeAtomically', () => {
  let directory = '';
  beforeEach(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'krustlet-atomic-'));
  });
  afterEach(() => rm(directory, { recursive: true }));

  const read = (name: string) => readFile(path.join(directory, name), 'utf8');
  const visible = async () =>
    (await readdir(directory)).filter((name) => !name.startsWith('..')).sort();

  it('lays files out as the kubelet does', async () => {
    writeAtomically(directory, files({ a: '1', 'sub/deep/b': '2' }, 0o400));
    assert.deepEqual(await visible(), ['a', 'sub']);
    assert.equal(await readlink(path.join(directory, 'a')), '..data/a');
    assert.match(await readlink(path.join(directory, '..data')), /^\.\.20\d\d_/);
    assert.equal(await read('a'), '1');
    assert.equal(await read('sub/deep/b'), '2');
    assert.equal((await stat(path.join(directory, 'a'))).mode & 0o777, 0o400);
  });

  it('replaces all files at once and drops what is no more', async () => {
    writeAtomically(directory, files({ a: '1', b: '2' }));
    assert.equal(writeAtomically(directory, files({ a: 'one', 'c/d': '3' })), true);
    assert.deepEqual(await visible(), ['a', 'c']);
    assert.equal(await read('a'), 'one');
    const versions = (await readdir(directory)).filter((name) => name.startsWith('..2'));
    assert.equal(versions.length, 1);
  });

  it('leaves everything alone where nothing changed', async () => {
    writeAtomically(directory, files({ a: '1' }));
    const version = await readlink(path.join(directory, '..data'));
    assert.equal(writeAtomically(directory, files({ a: '1' })), false);
    assert.equal(await readlink(path.join(directory, '..data')), version);
    assert.equal(writeAtomically(directory, files({ a: '1' }, 0o600)), true);
  });

  it('refuses a file that is a folder of another, and leaves nothing behind', async () => {
    const all = files({ z: '0', a: '1', 'a/b/c': '2' });
    for (const round of [all, new Map([...all].reverse())]) {
      const message = 'cannot write files "a" and "a/b/c": the first is a folder of the second';
      assert.throws(() => writeAtomically(directory, round), { code: 'FailedMount', message });
      assert.deepEqual(await readdir(directory), []);
    }
  });

  it('leaves nothing of a write that fails, and keeps the files from before', async () => {
    writeAtomically(directory, files({ a: '1' }));
    const before = (await readdir(directory)).sort();
    const all = files({ a: '2', ['x'.repeat(300)]: '3' });
    assert.throws(() => writeAtomically(directory, all), { code: 'ENAMETOOLONG' });
    assert.deepEqual((await readdir(directory)).sort(), before);
    assert.equal(await read('a'), '1');
  });

  it('removes what a write left that was cut short before it writes', async () => {
    await mkdir(path.join(directory, '..2026_01_01_00_00_00.cut'));
    const all = files({ ['x'.repeat(300)]: '3' });
    assert.throws(() => writeAtomically(directory, all), { code: 'ENAMETOOLONG' });
    assert.deepEqual(await readdir(directory), []);
  });

  const outside = ['../x', 'a/../../x', '/x', '..', '.', '', 'a//b', '..data', '..x/y', 'a\0'];
  for (const name of outside) {
    it(`refuses to write ${JSON.stringify(name)}`, async () => {
      const all = files({ a: '1', [name]: '2' });
      assert.throws(() => writeAtomically(directory, all), { code: 'FailedMount' });
      assert.deepEqual(await readdir(directory), []);
    });
  }

  it('never shows a reader the files of two versions', async () => {
    writeAtomically(directory, files({ a: '0', b: '0' }));
    const progress = { isWriting: true };
    const seen: string[] = [];
    const reader = (async () => {
      for (let isLast = false; !isLast; ) {
        isLast = !progress.isWriting;
        const version = await readlink(path.join(directory, '..data'));
        const [a, b] = await Promise.all(
          ['a', 'b'].map((name) =>
            readFile(path.join(directory, version, name), 'utf8').catch(() => 'gone'),
          ),
        );
        if (a !== 'gone' && b !== 'gone') seen.push(`${a}${b}`);
      }
    })();
    for (let version = 1; version < 30; version += 1) {
      writeAtomically(directory, files({ a: String(version), b: String(version) }));
      await setImmediate();
    }
    progress.isWriting = false;
    await reader;
    assert.ok(seen.length > 0);
    assert.deepEqual(
      seen.filter((pair) => pair.slice(0, pair.length / 2) !== pair.slice(pair.length / 2)),
      [],
    );
  });
});

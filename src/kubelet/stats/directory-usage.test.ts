import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { link, mkdir, mkdtempDisposable, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';
import { measureDirectory } from './directory-usage.ts';

const temporary = () => mkdtempDisposable(path.join(os.tmpdir(), 'krustlet-usage-'));

/** Makes directories in each other; their path may be longer than any that can be opened. */
function nest(directory: string, depth: number, name: string): void {
  const script =
    'cd "$0" && for i in $(seq "$1"); do mkdir "$2" && cd -P "$2"; done && echo end > file';
  execFileSync('bash', ['-c', script, directory, String(depth), name]);
}

describe('measureDirectory', () => {
  it('counts the disk that files take, a hard link once and a symbolic link not followed', async () => {
    await using directory = await temporary();
    const file = path.join(directory.path, 'sub', 'file');
    await mkdir(path.dirname(file));
    await writeFile(file, Buffer.alloc(1 << 20, 1));
    await link(file, path.join(directory.path, 'again'));
    await symlink('/usr', path.join(directory.path, 'elsewhere'));
    const { usedBytes, inodes, isComplete } = await measureDirectory(directory.path);
    assert.ok(usedBytes >= 1 << 20 && usedBytes < 1.1 * (1 << 20), `${usedBytes} bytes`);
    assert.equal(inodes, 3);
    assert.equal(isComplete, true);
  });

  it('finds nothing where there is nothing', async () => {
    await using directory = await temporary();
    const missing = path.join(directory.path, 'missing');
    assert.deepEqual(await measureDirectory(missing), {
      usedBytes: 0,
      inodes: 0,
      isComplete: true,
    });
  });

  it('counts no more files than it is to, and says so', async () => {
    await using directory = await temporary();
    for (let index = 0; index < 10; index += 1) {
      await writeFile(path.join(directory.path, `${index}`), '');
    }
    const measure = async (mostInodes: number) => {
      const { inodes, isComplete } = await measureDirectory(directory.path, { mostInodes });
      return { inodes, isComplete };
    };
    assert.deepEqual(await measure(9), { inodes: 9, isComplete: false });
    assert.deepEqual(await measure(10), { inodes: 10, isComplete: true });
  });

  it('finds what lies deeper than a path can say, and what has no name in UTF-8', async () => {
    await using directory = await temporary();
    nest(directory.path, 30, 'd'.repeat(200));
    await writeFile(Buffer.concat([Buffer.from(`${directory.path}/`), Buffer.of(0xff)]), '');
    const { inodes, isComplete } = await measureDirectory(directory.path);
    assert.deepEqual({ inodes, isComplete }, { inodes: 32, isComplete: true });
    execFileSync('rm', ['-rf', path.join(directory.path, 'd'.repeat(200))]);
  });

  it('holds no more directories open than a tree is deep, up to a depth', async () => {
    await using directory = await temporary();
    nest(directory.path, 110, 'd');
    const before = readdirSync('/proc/self/fd').length;
    const { inodes, isComplete } = await measureDirectory(directory.path);
    assert.deepEqual({ inodes, isComplete }, { inodes: 101, isComplete: false });
    assert.equal(readdirSync('/proc/self/fd').length, before);
  });

  it('ends with its signal', async () => {
    await using directory = await temporary();
    await writeFile(path.join(directory.path, 'file'), '');
    const signal = AbortSignal.abort(new Error('enough'));
    await assert.rejects(measureDirectory(directory.path, { signal }), /enough/);
  });
});

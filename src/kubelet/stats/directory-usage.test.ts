import assert from 'node:assert/strict';
import { link, mkdir, mkdtempDisposable, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';
import { measureDirectory } from './directory-usage.ts';

const temporary = () => mkdtempDisposable(path.join(os.tmpdir(), 'krustlet-usage-'));

describe('measureDirectory', () => {
  it('counts the disk that files take, a hard link once and a symbolic link not followed', async () => {
    await using directory = await temporary();
    const file = path.join(directory.path, 'sub', 'file');
    await mkdir(path.dirname(file));
    await writeFile(file, Buffer.alloc(1 << 20, 1));
    await link(file, path.join(directory.path, 'again'));
    await symlink('/usr', path.join(directory.path, 'elsewhere'));
    const { usedBytes, inodes } = await measureDirectory(directory.path);
    assert.ok(usedBytes >= 1 << 20 && usedBytes < 1.1 * (1 << 20), `${usedBytes} bytes`);
    assert.equal(inodes, 3);
  });

  it('finds nothing where there is nothing', async () => {
    await using directory = await temporary();
    const missing = path.join(directory.path, 'missing');
    assert.deepEqual(await measureDirectory(missing), { usedBytes: 0, inodes: 0 });
  });
});

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, mkdtempDisposable, rmdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';
import { memoryDirectory, removeMemoryDirectory } from './memory-directory.ts';

describe('memoryDirectory', () => {
  it('is one for each DATA_DIR, however that is written', () => {
    assert.equal(memoryDirectory('/srv/krustlet'), memoryDirectory('/srv/x/../krustlet/'));
    assert.notEqual(memoryDirectory('/srv/krustlet'), memoryDirectory('/srv/other'));
  });
});

describe('removeMemoryDirectory', () => {
  it('removes an empty directory only, and none is no error', async () => {
    await using root = await mkdtempDisposable(path.join(tmpdir(), 'krustlet-memory-'));
    const directory = path.join(root.path, 'memory');
    await mkdir(path.join(directory, 'pod'), { recursive: true });
    await removeMemoryDirectory(directory);
    assert.ok(existsSync(directory));
    await rmdir(path.join(directory, 'pod'));
    await removeMemoryDirectory(directory);
    assert.ok(!existsSync(directory));
    await removeMemoryDirectory(directory);
  });
});

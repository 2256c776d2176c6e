import type { Dirent } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import path from 'node:path';
import type { AbortOptions } from '../provider.ts';

export interface DirectoryUsage {
  /** Bytes of disk that the files take. */
  readonly usedBytes: number;
  readonly inodes: number;
}

/** Measures a directory tree as `du` does: links are not followed, hard links count once. */
export async function measureDirectory(
  directory: string,
  { signal }: AbortOptions = {},
): Promise<DirectoryUsage> {
  const seen = new Set<bigint>();
  let usedBytes = 0;
  const pending = [directory];
  for (let current = pending.pop(); current !== undefined; current = pending.pop()) {
    signal?.throwIfAborted();
    for (const entry of await entriesOf(current)) {
      const file = path.join(current, entry.name);
      const stat = await lstat(file, { bigint: true }).catch(ignoreMissing);
      if (stat === undefined || seen.has(stat.ino)) continue;
      seen.add(stat.ino);
      usedBytes += Number(stat.blocks) * 512;
      if (entry.isDirectory()) pending.push(file);
    }
  }
  return { usedBytes, inodes: seen.size };
}

/** What vanishes while it is measured takes no space. */
async function entriesOf(directory: string): Promise<Dirent[]> {
  return (await readdir(directory, { withFileTypes: true }).catch(ignoreMissing)) ?? [];
}

function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT' && error.code !== 'ENOTDIR') throw error;
}

import { lstat, readdir } from 'node:fs/promises';
import path from 'node:path';

/** Bytes that a directory's files take on the disk; links are not followed. */
export async function directorySize(directory: string): Promise<number> {
  const names = await readdir(directory, { recursive: true }).catch(() => []);
  let size = 0;
  for (const name of names) {
    // A file that is removed meanwhile takes nothing.
    const found = await lstat(path.join(directory, name)).catch(() => undefined);
    size += (found?.blocks ?? 0) * 512;
  }
  return size;
}

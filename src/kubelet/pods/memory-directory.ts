import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { rmdir } from 'node:fs/promises';
import path from 'node:path';

const fileSystemInMemory = '/dev/shm';

/**
 * Where what pods are given lies, each DATA_DIR's in a place of its own: on the machine's file
 * system in memory, so that no Secret and no token comes onto a disk; in DATA_DIR where there is
 * none.
 */
export function memoryDirectory(dataDirectory: string): string {
  if (!existsSync(fileSystemInMemory)) return path.join(dataDirectory, 'memory');
  const name = createHash('sha256').update(path.resolve(dataDirectory)).digest('hex').slice(0, 16);
  return path.join(fileSystemInMemory, `krustlet-${name}`);
}

/** Removes the directory once nothing is in it any more. */
export async function removeMemoryDirectory(directory: string): Promise<void> {
  try {
    await rmdir(directory);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code !== 'ENOTEMPTY' && code !== 'ENOENT') throw error;
  }
}

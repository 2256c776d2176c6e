import { chmod, readdir } from 'node:fs/promises';
import path from 'node:path';
import { codeOf } from '../../oci/error-code.ts';
import { measureDirectory } from '../stats/directory-usage.ts';
import { removeTree } from '../volumes/remove-tree.ts';

/**
 * Removes a directory with all that is in it, also where its owner may not write to it.
 *
 * @returns bytes of disk that it took
 */
export async function reclaimTree(directory: string): Promise<number> {
  const { usedBytes } = await measureDirectory(directory);
  try {
    await removeTree(directory);
  } catch (error) {
    if (codeOf(error) !== 'EACCES') throw error;
    await makeWritable(directory);
    await removeTree(directory);
  }
  return usedBytes;
}

async function makeWritable(directory: string): Promise<void> {
  await chmod(directory, 0o700);
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    if (entry.isDirectory()) await makeWritable(path.join(directory, entry.name));
  }
}

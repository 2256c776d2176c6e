import { chmod, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { codeOf } from '../../oci/error-code.ts';
import { measureDirectory } from '../stats/directory-usage.ts';

/**
 * Removes a directory with all that is in it, also where its owner may not write to it.
 *
 * @returns bytes of disk that it took
 */
export async function removeTree(directory: string): Promise<number> {
  const { usedBytes } = await measureDirectory(directory);
  try {
    await rm(directory, { recursive: true, force: true });
  } catch (error) {
    if (codeOf(error) !== 'EACCES') throw error;
    await makeWritable(directory);
    await rm(directory, { recursive: true, force: true });
  }
  return usedBytes;
}

async function makeWritable(directory: string): Promise<void> {
  await chmod(directory, 0o700);
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    if (entry.isDirectory()) await makeWritable(path.join(directory, entry.name));
  }
}

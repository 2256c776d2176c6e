import { chmod, lstat, mkdir } from 'node:fs/promises';
import { VolumeError } from './volume-error.ts';

/**
 * Makes a directory that nobody else can enter, in one that everybody may write to, such as
 * `/dev/shm`; one that is there already is used if it is our own.
 *
 * @throws {VolumeError} where somebody else has made something of that name
 */
export async function makePrivateDirectory(directory: string): Promise<void> {
  try {
    await mkdir(directory, { mode: 0o700 });
  } catch (cause) {
    const exists = cause instanceof Error && 'code' in cause && cause.code === 'EEXIST';
    if (!exists) throw new VolumeError(`cannot make "${directory}"`, { cause });
    await takeOver(directory);
  }
}

async function takeOver(directory: string): Promise<void> {
  const found = await lstat(directory);
  if (!found.isDirectory() || found.uid !== process.geteuid?.()) {
    throw new VolumeError(`cannot use "${directory}": it belongs to somebody else, remove it`);
  }
  if ((found.mode & 0o077) !== 0) await chmod(directory, 0o700);
}

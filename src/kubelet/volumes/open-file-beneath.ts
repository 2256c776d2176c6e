import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { enterBeneath } from './enter-beneath.ts';
import { VolumeError } from './volume-error.ts';

const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/**
 * Opens a file in a volume that containers can write to, for reading: no link leads out of the
 * volume, and no FIFO lets it wait.
 *
 * @param file its path in the volume; `.` where the volume is a file itself
 * @throws {VolumeError} where it leads outside, there is nothing, or what is there is no file
 */
export async function openFileBeneath(volume: string, file: string): Promise<FileHandle> {
  if (file === '.') return await openFile(volume, volume);
  await using place = await enterBeneath(volume, file);
  return await openFile(place.path, file);
}

async function openFile(place: string, file: string): Promise<FileHandle> {
  const handle = await openPlace(place, file);
  try {
    if ((await handle.stat()).isFile()) return handle;
    throw new VolumeError(`cannot read "${file}": it is not a regular file`);
  } catch (error) {
    await handle.close();
    throw error;
  }
}

async function openPlace(place: string, file: string): Promise<FileHandle> {
  try {
    return await open(place, flags);
  } catch (cause) {
    throw new VolumeError(`cannot read "${file}"`, { cause });
  }
}

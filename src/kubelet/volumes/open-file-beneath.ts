import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import type { ContainerUser } from '../provider.ts';
import { enterBeneath } from './enter-beneath.ts';
import { isPermitted } from './permission.ts';
import { VolumeError } from './volume-error.ts';

const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/**
 * Opens a file in a volume that containers can write to, for reading: no link leads out of the
 * volume, and no FIFO lets it wait.
 *
 * @param file its path in the volume; `.` where the volume is a file itself
 * @param user who has to be permitted to read it. @default this process alone
 * @throws {VolumeError} where it leads outside, there is nothing, what is there is no file, or not
 *   the user's to read
 */
export async function openFileBeneath(
  volume: string,
  file: string,
  { user }: { readonly user?: ContainerUser } = {},
): Promise<FileHandle> {
  if (file === '.') return await openFile(volume, volume, user);
  await using place = await enterBeneath(volume, file, user ? { user } : {});
  return await openFile(place.path, file, user);
}

async function openFile(place: string, file: string, user?: ContainerUser): Promise<FileHandle> {
  const handle = await openPlace(place, file);
  try {
    const stat = await handle.stat();
    if (!stat.isFile()) throw new VolumeError(`cannot read "${file}": it is not a regular file`);
    if (user === undefined || isPermitted(stat, user, 'read')) return handle;
    throw new VolumeError(`cannot read "${file}": user ${user.uid} is not permitted to`);
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

import { chmodSync, lstatSync, mkdirSync, type Stats } from 'node:fs';
import path from 'node:path';
import type { PodDirectories } from '../pods/pod-directories.ts';
import type { PodIdentity } from '../provider.ts';
import { VolumeError } from './volume-error.ts';

/**
 * Makes a directory of a pod's on the file system in memory, below one that nobody else can enter.
 *
 * @throws {VolumeError} where somebody else has something there
 */
export function makeInMemory(
  directories: PodDirectories,
  pod: Pick<PodIdentity, 'uid'>,
  ...names: readonly string[]
): string {
  makePrivateDirectory(directories.memory);
  const directory = path.join(directories.inMemory(pod), ...names);
  mkdirSync(directory, { recursive: true });
  return directory;
}

/**
 * Makes a directory that nobody else can enter, in one that everybody may write to, such as
 * `/dev/shm`; one that is there already is used if it is our own.
 *
 * @throws {VolumeError} where somebody else has made something of that name
 */
export function makePrivateDirectory(directory: string): void {
  const found = lstatSync(directory, { throwIfNoEntry: false }) ?? make(directory);
  if (!found.isDirectory() || found.uid !== process.geteuid?.()) {
    throw new VolumeError(`cannot use "${directory}": it belongs to somebody else, remove it`);
  }
  if ((found.mode & 0o077) !== 0) chmodSync(directory, 0o700);
}

function make(directory: string): Stats {
  try {
    mkdirSync(directory, { mode: 0o700 });
    return lstatSync(directory);
  } catch (cause) {
    throw new VolumeError(`cannot make "${directory}"`, { cause });
  }
}

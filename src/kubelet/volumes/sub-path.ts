import { mkdir, realpath } from 'node:fs/promises';
import path from 'node:path';
import { VolumeError } from './volume-error.ts';

/**
 * Finds a `subPath` inside a volume, and makes it a directory where there is nothing. A symbolic
 * link on the way is followed as long as it stays inside.
 *
 * @returns the path without any link
 * @throws {VolumeError} where it leads out of the volume
 */
export async function resolveSubPath(volume: string, subPath: string): Promise<string> {
  const root = await realpath(volume);
  let current = root;
  for (const part of subPath.split('/').filter((name) => name !== '' && name !== '.')) {
    if (part === '..') throw escapes(subPath);
    current = await enter(path.join(current, part));
    if (current !== root && !current.startsWith(root + path.sep)) throw escapes(subPath);
  }
  return current;
}

/** One component at a time, so that nothing is ever made outside. */
async function enter(next: string): Promise<string> {
  try {
    return await realpath(next);
  } catch (error) {
    if (!isMissing(error)) throw new VolumeError(`cannot follow "${next}"`, { cause: error });
    await mkdir(next, { mode: 0o777 });
    return next;
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

function escapes(subPath: string): VolumeError {
  return new VolumeError(`subPath "${subPath}" leads out of its volume: remove '..' and links`);
}

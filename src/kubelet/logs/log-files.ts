import { constants } from 'node:fs';
import { type FileHandle, lstat, open } from 'node:fs/promises';
import type { ContainerLog } from '../provider.ts';

/** A log on disk: as many files as it may have. */
export type LogOnDisk = Pick<ContainerLog, 'path' | 'maxFiles'>;

/** An open file of a log, which keeps its identity when it is renamed. */
export interface LogFile {
  readonly handle: FileHandle;
  readonly inode: bigint;
}

/** So many files are looked for where fewer are kept, as there were more under another setting. */
const leastLookedFor = 10;

/** How often reading starts over for a writer that rotates its log all the time. */
const maxAttempts = 100;

/**
 * The names that files of one log can have, the oldest first and the one being written last. Rotation
 * renames `0.log` to `0.log.1`, that to `0.log.2` and so on. What else is in the directory is no
 * matter: its container may put anything there.
 */
export function logFileNames({ path, maxFiles }: LogOnDisk): string[] {
  const rotated = Math.max(maxFiles, leastLookedFor) - 1;
  const names = Array.from({ length: rotated }, (_, index) => `${path}.${rotated - index}`);
  return [...names, path];
}

/**
 * Opens all files of a log, the oldest first. Starts over when a rotation comes in between, so
 * that none is missing or there twice.
 */
export async function openLogFiles(log: LogOnDisk): Promise<LogFile[]> {
  const names = logFileNames(log);
  for (let attempt = 1; ; attempt += 1) {
    const files = await openAll(names);
    const opened = files.filter((file) => file !== undefined);
    try {
      if (attempt === maxAttempts || (await areStill(names, files))) return await distinct(opened);
    } catch (error) {
      await closeAll(opened);
      throw error;
    }
    await closeAll(opened);
  }
}

async function openAll(names: readonly string[]): Promise<(LogFile | undefined)[]> {
  const files = await Promise.allSettled(names.map(openLogFile));
  const failed = files.find((file) => file.status === 'rejected');
  const opened = files.map((file) => (file.status === 'fulfilled' ? file.value : undefined));
  if (failed === undefined) return opened;
  await closeAll(opened.filter((file) => file !== undefined));
  throw failed.reason;
}

/** Opens a log's file; `undefined` if it is gone, as rotation and removal may do at any time. */
async function openLogFile(file: string): Promise<LogFile | undefined> {
  // It is its container's: no link may lead out of the log, no FIFO may block.
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const handle = await open(file, flags).catch(ignoreMissing);
  if (handle === undefined) return undefined;
  try {
    const stat = await handle.stat({ bigint: true });
    if (stat.isFile()) return { handle, inode: stat.ino };
    throw new Error(`Cannot read '${file}': not a file`);
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** Whether each name still leads to what was opened by it. */
async function areStill(
  names: readonly string[],
  files: readonly (LogFile | undefined)[],
): Promise<boolean> {
  const inodes = await Promise.all(names.map(inodeOf));
  return inodes.every((inode, index) => inode === files[index]?.inode);
}

/** One file with two names, which a container may give it, is read once. */
async function distinct(files: readonly LogFile[]): Promise<LogFile[]> {
  const byInode = new Map(files.map((file) => [file.inode, file]));
  const kept = [...byInode.values()];
  await closeAll(files.filter((file) => !kept.includes(file)));
  return kept;
}

/** What comes after a file of a log that was read to its end. */
export type NextLogFile =
  | { readonly kind: 'none' }
  | { readonly kind: 'next'; readonly file: LogFile }
  | { readonly kind: 'removed' };

/** Opens the file after the given one, or the first where there was none so far. */
export async function openNextLogFile(
  log: LogOnDisk,
  current: LogFile | undefined,
): Promise<NextLogFile> {
  if (current !== undefined && (await inodeOf(log.path)) === current.inode) return { kind: 'none' };
  const files = await openLogFiles(log);
  const index = files.findIndex((file) => file.inode === current?.inode);
  // Index -1: a reader so slow that its file was removed meanwhile goes on with the oldest there is.
  const next = files[index + 1];
  await closeAll(files.filter((file) => file !== next));
  if (next !== undefined) return { kind: 'next', file: next };
  return { kind: files.length === 0 && current !== undefined ? 'removed' : 'none' };
}

export async function closeAll(files: readonly LogFile[]): Promise<void> {
  await Promise.all(files.map((file) => file.handle.close()));
}

async function inodeOf(file: string): Promise<bigint | undefined> {
  return (await lstat(file, { bigint: true }).catch(ignoreMissing))?.ino;
}

function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}

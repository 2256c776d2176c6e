import { type FileHandle, open, readdir, stat } from 'node:fs/promises';
import path from 'node:path';

/** An open file of a log, which keeps its identity when it is renamed. */
export interface LogFile {
  readonly handle: FileHandle;
  readonly inode: bigint;
}

/**
 * Lists the names of the files of one log, the oldest first and the one being written last.
 * Rotation renames `0.log` to `0.log.1`, that to `0.log.2` and so on.
 */
export async function listLogFiles(logPath: string): Promise<string[]> {
  const base = path.basename(logPath);
  const names: string[] = await readdir(path.dirname(logPath)).catch(ignoreMissing);
  const rotated = names
    .filter((name) => name.startsWith(`${base}.`) && /^\d+$/.test(name.slice(base.length + 1)))
    .sort((a, b) => Number(b.slice(base.length + 1)) - Number(a.slice(base.length + 1)));
  const current = names.includes(base) ? [base] : [];
  return [...rotated, ...current].map((name) => path.join(path.dirname(logPath), name));
}

/** Opens a log's file; `undefined` if it is gone, as rotation and removal may do at any time. */
async function openLogFile(file: string): Promise<LogFile | undefined> {
  const handle = await open(file, 'r').catch(ignoreMissing);
  if (Array.isArray(handle)) return undefined;
  try {
    return { handle, inode: (await handle.stat({ bigint: true })).ino };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/**
 * Opens all files of a log, the oldest first. Starts over when a rotation comes in between, so
 * that none is missing or there twice.
 */
export async function openLogFiles(logPath: string): Promise<LogFile[]> {
  for (;;) {
    const names = await listLogFiles(logPath);
    const files = await Promise.all(names.map(openLogFile));
    const opened = files.filter((file) => file !== undefined);
    const inodes = new Set(opened.map((file) => file.inode));
    if (opened.length === names.length && inodes.size === names.length) return opened;
    await closeAll(opened);
  }
}

/** What comes after a file of a log that was read to its end. */
export type NextLogFile =
  | { readonly kind: 'none' }
  | { readonly kind: 'next'; readonly file: LogFile }
  | { readonly kind: 'removed' };

/** Opens the file after the given one, or the first where there was none so far. */
export async function openNextLogFile(
  logPath: string,
  current: LogFile | undefined,
): Promise<NextLogFile> {
  if (current !== undefined && (await isBeingWritten(logPath, current))) return { kind: 'none' };
  const files = await openLogFiles(logPath);
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

async function isBeingWritten(logPath: string, file: LogFile): Promise<boolean> {
  const found = await stat(logPath, { bigint: true }).catch(ignoreMissing);
  return !Array.isArray(found) && found.ino === file.inode;
}

function ignoreMissing(error: NodeJS.ErrnoException): never[] {
  if (error.code === 'ENOENT') return [];
  throw error;
}

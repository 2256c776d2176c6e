import type { FileStatus } from './file-status.ts';
import type { FileTimes } from './files.ts';
import type { Handle } from './system.ts';

/**
 * Files by their names. A path is relative to a directory and never leaves it: one that would,
 * through `..`, an absolute path or a symbolic link, is answered with `perm`. Paths are not empty
 * and contain no NUL.
 *
 * Only `follow` makes a symbolic link that comes last stand for what it points to; links before
 * it are always followed, and so is one with a slash behind it where the call says nothing else.
 */
export interface Directories {
  /** @returns the handle, or a negated error number */
  open(directory: Handle, path: string, how: OpenHow): Handle;

  status(directory: Handle, path: string, follow: boolean, into: FileStatus): number;

  setTimes(directory: Handle, path: string, follow: boolean, times: FileTimes): number;

  create(directory: Handle, path: string): number;

  /** Removes an empty directory, or anything else, as `kind` says; `notdir` or `isdir` if it differs. */
  remove(directory: Handle, path: string, kind: 'directory' | 'file'): number;

  rename(from: Handle, oldPath: string, to: Handle, newPath: string): number;

  /** Makes a hard link; a symbolic link is linked itself. */
  link(from: Handle, oldPath: string, to: Handle, newPath: string): number;

  symlink(target: string, directory: Handle, path: string): number;

  /** Writes what a symbolic link holds, cut to the buffer. @returns its length or a negated error */
  readlink(directory: Handle, path: string, into: Uint8Array): number;

  /**
   * Hands out the entries from `cookie` on, 0 for the first, until `visit` returns false. Entries
   * that are made or removed meanwhile may be missed, others neither missed nor repeated.
   *
   * @returns an error number
   */
  entries(directory: Handle, cookie: bigint, visit: (entry: DirectoryEntry) => boolean): number;
}

export interface OpenHow {
  readonly follow: boolean;
  readonly read: boolean;
  readonly write: boolean;
  readonly create: boolean;
  /** Must be a directory. */
  readonly directory: boolean;
  /** With `create`: must not exist. */
  readonly exclusive: boolean;
  readonly truncate: boolean;
  /** Bits of `fileFlag`. */
  readonly flags: number;
}

/** To read what is there, through a symbolic link too. */
export const toRead: OpenHow = {
  follow: true,
  read: true,
  write: false,
  create: false,
  directory: false,
  exclusive: false,
  truncate: false,
  flags: 0,
};

/** One name in a directory. The instance is reused: what is needed later has to be copied. */
export interface DirectoryEntry {
  readonly inode: bigint;
  /** The cookie of the entry behind this one. */
  readonly next: bigint;
  readonly type: number;
  /** As the file system has it, which need not be UTF-8. */
  readonly name: Uint8Array;
}

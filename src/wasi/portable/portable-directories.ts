import {
  constants,
  linkSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  openSync,
  readlinkSync,
  renameSync,
  rmdirSync,
  statSync,
  symlinkSync,
  unlinkSync,
} from 'node:fs';
import { errno } from '../errno.ts';
import type { Directories, DirectoryEntry, OpenHow } from '../system/directories.ts';
import type { FileStatus } from '../system/file-status.ts';
import { type FileTimes, fileFlag } from '../system/files.ts';
import type { Handle } from '../system/system.ts';
import { attemptNumber } from './attempt.ts';
import { type BeneathPath, beneathPath } from './beneath-path.ts';
import { listEntries } from './list-entries.ts';
import type { OpenHandles } from './open-handles.ts';
import { takeStatus } from './portable-status.ts';
import { secondsOf } from './portable-times.ts';

/** Files by name, on absolute paths that have been looked up beforehand. */
export class PortableDirectories implements Directories {
  readonly #handles: OpenHandles;

  constructor(handles: OpenHandles) {
    this.#handles = handles;
  }

  open(directory: Handle, path: string, how: OpenHow): Handle {
    return this.#lookup(directory, path, how.follow, (found) => {
      const refused = refusedToOpen(found, how);
      if (refused !== errno.success) return -refused;
      if (found.stats?.isDirectory()) return this.#handles.addDirectory(found.path);
      const descriptor = openSync(found.path, openFlags(how), 0o666);
      return this.#handles.addFile(descriptor, (how.flags & fileFlag.append) !== 0);
    });
  }

  status(directory: Handle, path: string, follow: boolean, into: FileStatus): number {
    return this.#existing(directory, path, follow, (found) =>
      takeStatus(into, lstatSync(found, { bigint: true })),
    );
  }

  setTimes(directory: Handle, path: string, follow: boolean, times: FileTimes): number {
    return this.#existing(directory, path, follow, (found) =>
      lutimesSync(found, ...secondsOf(times, lstatSync(found, { bigint: true }))),
    );
  }

  create(directory: Handle, path: string): number {
    return -this.#lookup(directory, path, false, (found) => {
      mkdirSync(withSlash(found));
      return 0;
    });
  }

  remove(directory: Handle, path: string, kind: 'directory' | 'file'): number {
    return -this.#lookup(directory, path, false, (found) => {
      if (found.stats === undefined) return -errno.noent;
      const isDirectory = found.stats.isDirectory();
      if (kind === 'directory') rmdirSync(withSlash(found));
      else if (isDirectory) return -errno.isdir;
      else if (found.wantsDirectory) return -errno.notdir;
      else unlinkSync(found.path);
      return 0;
    });
  }

  rename(from: Handle, oldPath: string, to: Handle, newPath: string): number {
    return -this.#lookup(from, oldPath, false, (source) => {
      if (source.stats === undefined) return -errno.noent;
      return this.#lookup(to, newPath, false, (target) => {
        renameSync(withSlash(source), withSlash(target));
        return 0;
      });
    });
  }

  link(from: Handle, oldPath: string, to: Handle, newPath: string): number {
    return -this.#lookup(from, oldPath, false, (source) => {
      if (source.stats === undefined) return -errno.noent;
      if (source.stats.isDirectory()) return -errno.perm;
      if (source.wantsDirectory) return -errno.notdir;
      return this.#lookup(to, newPath, false, (target) => {
        if (target.stats !== undefined) return -errno.exist;
        if (target.wantsDirectory) return -errno.noent;
        linkSync(source.path, target.path);
        return 0;
      });
    });
  }

  symlink(target: string, directory: Handle, path: string): number {
    return -this.#lookup(directory, path, false, (found) => {
      if (found.stats !== undefined) return -errno.exist;
      if (found.wantsDirectory) return -errno.noent;
      symlinkSync(target, found.path);
      return 0;
    });
  }

  readlink(directory: Handle, path: string, into: Uint8Array): number {
    return this.#lookup(directory, path, false, (found) =>
      readlinkSync(found.path, { encoding: 'buffer' }).copy(into),
    );
  }

  entries(directory: Handle, cookie: bigint, visit: (entry: DirectoryEntry) => boolean): number {
    const open = this.#handles.directory(directory);
    if (open === undefined) return errno.notdir;
    return -attemptNumber(() => {
      listEntries(open, cookie, visit);
      return 0;
    });
  }

  /** Runs `action` on what exists; its result is an error number. */
  #existing(
    directory: Handle,
    path: string,
    follow: boolean,
    action: (path: string) => void,
  ): number {
    return -this.#lookup(directory, path, follow, (found) => {
      if (found.stats === undefined) return -errno.noent;
      if (found.wantsDirectory && !found.stats.isDirectory()) return -errno.notdir;
      action(found.path);
      return 0;
    });
  }

  /** @returns what `action` does, or a negated error number */
  #lookup(
    directory: Handle,
    path: string,
    follow: boolean,
    action: (found: BeneathPath) => number,
  ): number {
    const open = this.#handles.directory(directory);
    if (open === undefined) return -errno.notdir;
    return attemptNumber(() => {
      if (statSync(open.path, { throwIfNoEntry: false }) === undefined) return -errno.noent;
      const found = beneathPath(open.path, path, follow);
      return typeof found === 'number' ? found : action(found);
    });
  }
}

/** What the kernel would refuse: said here, since not all of this reaches a kernel as flags. */
function refusedToOpen({ stats, wantsDirectory }: BeneathPath, how: OpenHow): number {
  if (stats === undefined) {
    if (!how.create) return errno.noent;
    return wantsDirectory ? errno.isdir : errno.success;
  }
  if (how.create && how.exclusive) return errno.exist;
  if (stats.isSymbolicLink()) return how.directory ? errno.notdir : errno.loop;
  if (!stats.isDirectory()) return how.directory || wantsDirectory ? errno.notdir : errno.success;
  return how.write || how.truncate || how.create ? errno.isdir : errno.success;
}

function openFlags(how: OpenHow): number {
  const { O_CREAT, O_EXCL, O_NOFOLLOW, O_RDONLY, O_RDWR, O_TRUNC, O_WRONLY } = constants;
  const { O_DSYNC, O_NONBLOCK, O_SYNC } = constants;
  let flags = how.write ? (how.read ? O_RDWR : O_WRONLY) : O_RDONLY;
  if (how.create) flags |= how.exclusive ? O_CREAT | O_EXCL : O_CREAT;
  if (how.truncate) flags |= O_TRUNC;
  if (how.flags & fileFlag.nonblock) flags |= O_NONBLOCK ?? 0; // Windows lacks some
  if (how.flags & fileFlag.dsync) flags |= O_DSYNC ?? 0;
  if (how.flags & (fileFlag.sync | fileFlag.rsync)) flags |= O_SYNC ?? 0;
  return flags | (O_NOFOLLOW ?? 0);
}

function withSlash({ path, wantsDirectory }: BeneathPath): string {
  return wantsDirectory ? `${path}/` : path;
}

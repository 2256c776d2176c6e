import path from 'node:path';
import { errno } from '../../wasi/errno.ts';
import type { Descriptor } from '../../wasi/preview1/descriptor.ts';
import { openMount } from '../../wasi/preview1/open-mount.ts';
import { type OpenHow, toRead } from '../../wasi/system/directories.ts';
import { FileStatus, fileType } from '../../wasi/system/file-status.ts';
import { FileTimes } from '../../wasi/system/files.ts';
import type { Handle, System } from '../../wasi/system/system.ts';
import type { MountSpec } from '../container-spec.ts';
import { fileError } from './builtin-error.ts';

export interface GuestFilesInit {
  readonly mounts: readonly MountSpec[];
  readonly workingDir: string;
}

/** A path's place: in a mount, or a directory that only exists because mounts lie beneath it. */
type Place =
  | { readonly kind: 'mounted'; readonly mount: Descriptor; readonly relative: string }
  | { readonly kind: 'above' };

/**
 * A container's files by absolute path, as its guest sees them: the mounts, and nothing else. Every
 * path goes through the resolver that serves guests. Methods throw `BuiltinError`.
 */
export class GuestFiles {
  readonly workingDir: string;
  readonly #system: System;
  readonly #mounts: readonly { readonly guestPath: string; readonly mount: Descriptor }[];

  /** Opens the mounts: before the sandbox closes. */
  constructor(system: System, { mounts, workingDir }: GuestFilesInit) {
    this.#system = system;
    this.workingDir = workingDir;
    this.#mounts = mounts
      .map((spec) => ({
        guestPath: path.posix.resolve('/', spec.guestPath),
        mount: openMount(system, spec),
      }))
      .sort((a, b) => b.guestPath.length - a.guestPath.length);
  }

  /** Of the mounts. */
  get mounts(): readonly Descriptor[] {
    return this.#mounts.map(({ mount }) => mount);
  }

  absolute(name: string): string {
    return path.posix.resolve(this.workingDir, name);
  }

  /** What is at a path, the target of a last symbolic link where `follow` says so. */
  status(name: string, follow: boolean): FileStatus {
    const status = this.find(name, follow);
    if (status === undefined) throw fileError(name, errno.noent);
    return status;
  }

  /** As {@link status}; `undefined` where there is nothing. */
  find(name: string, follow: boolean): FileStatus | undefined {
    const status = new FileStatus();
    const place = this.#place(name);
    if (place?.kind === 'above') {
      status.type = fileType.directory;
      status.links = 1n;
      return status;
    }
    if (place === undefined) return undefined;
    const { mount, relative } = place;
    const failure = this.#system.directories.status(mount.handle, relative, follow, status);
    if (failure === errno.noent || failure === errno.notdir) return undefined;
    check(name, failure);
    return status;
  }

  /** The names in a directory, sorted, without `.` and `..`. */
  list(name: string): string[] {
    const place = this.#place(name);
    if (place === undefined) throw fileError(name, errno.noent);
    const names = new Set(this.#mountsBeneath(this.absolute(name)));
    if (place.kind === 'mounted') for (const entry of this.#entries(name, place)) names.add(entry);
    return [...names].sort();
  }

  /** Opens a file to read it. */
  openToRead(name: string): Handle {
    return this.#open(name, toRead);
  }

  /** Opens a file to write it anew; what was there, and is no directory, is replaced. */
  openToWrite(name: string): Handle {
    return this.#open(name, {
      ...toRead,
      follow: false,
      read: false,
      write: true,
      create: true,
      truncate: true,
    });
  }

  makeDirectory(name: string): void {
    const { directories } = this.#system;
    this.#change(name, ({ mount, relative }) => directories.create(mount.handle, relative));
  }

  remove(name: string, kind: 'directory' | 'file'): void {
    const { directories } = this.#system;
    this.#change(name, ({ mount, relative }) => directories.remove(mount.handle, relative, kind));
  }

  symlink(target: string, name: string): void {
    const { directories } = this.#system;
    this.#change(name, ({ mount, relative }) =>
      directories.symlink(target, mount.handle, relative),
    );
  }

  setModified(name: string, nanoseconds: bigint): void {
    const times = new FileTimes();
    times.modified = nanoseconds;
    const { directories } = this.#system;
    this.#change(name, ({ mount, relative }) =>
      directories.setTimes(mount.handle, relative, false, times),
    );
  }

  /** What a symbolic link holds. */
  readlink(name: string): string {
    const place = this.#place(name);
    if (place?.kind !== 'mounted') throw fileError(name, errno.inval);
    const target = Buffer.alloc(4096);
    const { mount, relative } = place;
    const length = this.#system.directories.readlink(mount.handle, relative, target);
    if (length < 0) throw fileError(name, -length);
    return target.toString('utf8', 0, length);
  }

  #open(name: string, how: OpenHow): Handle {
    const place = this.#place(name);
    if (place === undefined) throw fileError(name, errno.noent);
    if (place.kind === 'above') throw fileError(name, errno.isdir);
    const { mount, relative } = place;
    if (how.write && mount.readOnly) throw fileError(name, errno.rofs);
    const handle = this.#system.directories.open(mount.handle, relative, how);
    if (handle < 0) throw fileError(name, -handle);
    return handle;
  }

  #change(name: string, act: (place: Extract<Place, { kind: 'mounted' }>) => number): void {
    const place = this.#place(name);
    if (place === undefined) throw fileError(name, errno.noent);
    if (place.kind === 'above' || place.mount.readOnly) throw fileError(name, errno.rofs);
    check(name, act(place));
  }

  #entries(name: string, { mount, relative }: Extract<Place, { kind: 'mounted' }>): string[] {
    const { directories, streams } = this.#system;
    const how = { ...toRead, directory: true };
    const handle = directories.open(mount.handle, relative, how);
    if (handle < 0) throw fileError(name, -handle);
    const names: string[] = [];
    const failure = directories.entries(handle, 0n, (entry) => {
      names.push(Buffer.from(entry.name).toString('utf8'));
      return true;
    });
    streams.close(handle);
    check(name, failure);
    return names.filter((entry) => entry !== '.' && entry !== '..');
  }

  #place(name: string): Place | undefined {
    const absolute = this.absolute(name);
    for (const { guestPath, mount } of this.#mounts) {
      const relative = path.posix.relative(guestPath, absolute);
      if (relative === '..' || relative.startsWith('../')) continue;
      if (mount.onlyFile === undefined) return mounted(mount, relative || '.');
      return relative === '' ? mounted(mount, mount.onlyFile) : undefined;
    }
    return this.#mountsBeneath(absolute).length > 0 || absolute === '/'
      ? { kind: 'above' }
      : undefined;
  }

  /** The names that mounts put into a directory. */
  #mountsBeneath(directory: string): string[] {
    const prefix = directory === '/' ? '/' : `${directory}/`;
    return this.#mounts
      .filter(({ guestPath }) => guestPath.startsWith(prefix) && guestPath !== directory)
      .map(({ guestPath }) => guestPath.slice(prefix.length).split('/')[0] ?? '');
  }
}

function mounted(mount: Descriptor, relative: string): Place {
  return { kind: 'mounted', mount, relative };
}

function check(name: string, failure: number): void {
  if (failure !== errno.success) throw fileError(name, failure);
}

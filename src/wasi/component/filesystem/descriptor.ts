import { errno } from '../../errno.ts';
import type { OpenHow } from '../../system/directories.ts';
import { FileStatus } from '../../system/file-status.ts';
import type { System } from '../../system/system.ts';
import { GuestTrap } from '../abi/guest-trap.ts';
import { Resource } from '../abi/resource.ts';
import { error, ok, type Result } from '../abi/variants.ts';
import { type ErrorCode, errorCodeOf } from './error-code.ts';

export interface DescriptorInit {
  readonly read: boolean;
  readonly write: boolean;
  /** For a directory: whether it was opened to make and remove what is in it. */
  readonly mutate?: boolean;
  /** A preopened directory: it outlives the guest's handles to it. */
  readonly borrowed?: boolean;
  /** Nothing beneath may be changed. */
  readonly readOnly: boolean;
  /** For a mount of a single file: its name, all of the directory that is to be seen. */
  readonly onlyFile?: string | undefined;
}

const longestPath = 4095;

/**
 * `wasi:filesystem/types.descriptor`: a file or directory that the system has open. What lies
 * outside of a directory cannot be named from it; the system sees to that.
 */
export class Descriptor extends Resource {
  readonly system: System;
  readonly init: DescriptorInit;
  readonly #handle: number;
  #streams = 0;
  #isClosed = false;
  #dropped = false;

  constructor(system: System, handle: number, init: DescriptorInit) {
    super();
    this.system = system;
    this.#handle = handle;
    this.init = init;
  }

  /** @throws {GuestTrap} where it is closed: the number may be another file's by then */
  get handle(): number {
    if (!this.#isClosed) return this.#handle;
    throw new GuestTrap('Cannot use a descriptor: it is closed');
  }

  status(): FileStatus | number {
    const into = new FileStatus();
    const failure = this.system.files.status(this.handle, into);
    return failure === errno.success ? into : failure;
  }

  statusAt(path: string, follow: boolean): FileStatus | number {
    const into = new FileStatus();
    const name = this.lookUp(path);
    if (typeof name === 'number') return name;
    const follows = follow && this.init.onlyFile === undefined;
    const failure = this.system.directories.status(this.handle, name, follows, into);
    return failure === errno.success ? into : failure;
  }

  /** @param mutate whether a directory is opened to change what is in it */
  open(path: string, how: OpenHow, mutate: boolean): Result<Descriptor, ErrorCode> {
    const name = this.lookUp(path);
    if (typeof name === 'number') return error(errorCodeOf(name));
    const handle = this.#open(name, how);
    if (handle < 0) return error(errorCodeOf(-handle));
    const { readOnly } = this.init;
    const { read, write } = how;
    return ok(
      new Descriptor(this.system, handle, { read, write, readOnly, mutate: mutate && !readOnly }),
    );
  }

  /** The path as the system takes it, or an error number. */
  lookUp(path: string): string | number {
    if (path === '') return errno.noent;
    if (path.length > longestPath) return errno.nametoolong;
    if (path.includes('\0')) return errno.inval;
    if (this.init.onlyFile === undefined) return path;
    return path === '.' ? this.init.onlyFile : errno.noent;
  }

  /** As {@link lookUp}, for a call that changes what the path names. */
  lookUpToChange(path: string): string | number {
    if (this.init.readOnly) return errno.rofs;
    if (leadsOutside(path)) return errno.perm;
    return this.init.onlyFile === undefined ? this.lookUp(path) : errno.busy;
  }

  /** A stream keeps the file open after its descriptor is dropped. */
  retain(): void {
    this.#streams++;
  }

  release(): void {
    this.#streams--;
    this.#closeIfUnused();
  }

  override drop(): void {
    this.#dropped = true;
    this.#closeIfUnused();
  }

  #closeIfUnused(): void {
    if (!this.#dropped || this.#streams > 0 || this.init.borrowed || this.#isClosed) return;
    this.#isClosed = true;
    this.system.streams.close(this.#handle);
  }

  #open(name: string, how: OpenHow): number {
    const { directories } = this.system;
    const only = this.init.onlyFile !== undefined;
    const wanted = only ? { ...how, create: false, exclusive: false, follow: false } : how;
    if (!this.init.readOnly) return directories.open(this.handle, name, wanted);
    if (wanted.write || wanted.truncate) return -errno.rofs;
    const handle = directories.open(this.handle, name, { ...wanted, create: false });
    return handle === -errno.noent && wanted.create ? -errno.rofs : handle;
  }
}

/** Whether a path names, by itself, what is not in the directory: the system sees to links. */
function leadsOutside(path: string): boolean {
  let depth = 0;
  for (const name of path.split('/')) {
    if (name === '..') depth--;
    else if (name !== '' && name !== '.') depth++;
    if (depth < 0) return true;
  }
  return false;
}

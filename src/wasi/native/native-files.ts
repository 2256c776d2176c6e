import { lastErrno, outcome, wasiErrno } from '../libc/errno.ts';
import { libc } from '../libc/library.ts';
import { fileFlagsOf, openFlag, openFlagsOf } from '../libc/open-flags.ts';
import type { PathNames } from '../libc/path-names.ts';
import type { FileStatus } from '../system/file-status.ts';
import { type Files, type FileTimes, fileFlag } from '../system/files.ts';
import type { Handle } from '../system/system.ts';
import type { NativeStatus } from './native-status.ts';
import type { NativeTimes } from './native-times.ts';

const getFlags = 3; // F_GETFL
const setFlags = 4; // F_SETFL
const emptyPath = 0x1000; // AT_EMPTY_PATH

/** WASI's advice by Linux's: sequential and random, and will need and don't need, swap places. */
const linuxAdvice = [0, 2, 1, 3, 4, 5];

export interface NativeFilesComponents {
  readonly names: PathNames;
  readonly status: NativeStatus;
  readonly times: NativeTimes;
}

/** Open files by the calls on descriptors. */
export class NativeFiles implements Files {
  readonly #components: NativeFilesComponents;

  constructor(components: NativeFilesComponents) {
    this.#components = components;
  }

  status(handle: Handle, into: FileStatus): number {
    const { names, status } = this.#components;
    return status.read(handle, names.empty, emptyPath, into);
  }

  setSize(handle: Handle, size: bigint): number {
    return outcome(libc.ftruncate(handle, size));
  }

  setTimes(handle: Handle, times: FileTimes): number {
    return outcome(libc.futimens(handle, this.#components.times.place(times)));
  }

  sync(handle: Handle, dataOnly: boolean): number {
    return outcome(dataOnly ? libc.fdatasync(handle) : libc.fsync(handle));
  }

  allocate(handle: Handle, offset: bigint, length: bigint): number {
    return outcome(libc.fallocate(handle, 0, offset, length));
  }

  advise(handle: Handle, offset: bigint, length: bigint, advice: number): number {
    // Answers the error itself, not through errno.
    return wasiErrno(libc.posix_fadvise(handle, offset, length, linuxAdvice[advice] ?? 0));
  }

  setFlags(handle: Handle, flags: number): number {
    const current = libc.fcntl(handle, getFlags, 0n);
    if (current === -1) return lastErrno();
    const settable = openFlag.append | openFlag.nonblock;
    const wanted = openFlagsOf(flags & (fileFlag.append | fileFlag.nonblock));
    return outcome(libc.fcntl(handle, setFlags, BigInt((current & ~settable) | wanted)));
  }

  flags(handle: Handle): number {
    const flags = libc.fcntl(handle, getFlags, 0n);
    return flags === -1 ? -lastErrno() : fileFlagsOf(flags);
  }
}

import {
  fdatasyncSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  futimesSync,
  statSync,
  utimesSync,
} from 'node:fs';
import { errno } from '../errno.ts';
import type { FileStatus } from '../system/file-status.ts';
import { type Files, type FileTimes, fileFlag } from '../system/files.ts';
import type { Handle } from '../system/system.ts';
import { attempt } from './attempt.ts';
import type { OpenHandles } from './open-handles.ts';
import { takeStatus } from './portable-status.ts';
import { secondsOf } from './portable-times.ts';

/** Open files by `node:fs`. */
export class PortableFiles implements Files {
  readonly #handles: OpenHandles;

  constructor(handles: OpenHandles) {
    this.#handles = handles;
  }

  status(handle: Handle, into: FileStatus): number {
    return attempt(() => takeStatus(into, this.#stats(handle)));
  }

  setSize(handle: Handle, size: bigint): number {
    if (this.#handles.directory(handle) !== undefined) return errno.isdir;
    return attempt(() => ftruncateSync(handle, Number(size)));
  }

  setTimes(handle: Handle, times: FileTimes): number {
    const directory = this.#handles.directory(handle);
    return attempt(() => {
      const [accessed, modified] = secondsOf(times, this.#stats(handle));
      if (directory === undefined) futimesSync(handle, accessed, modified);
      else utimesSync(directory.path, accessed, modified);
    });
  }

  sync(handle: Handle, dataOnly: boolean): number {
    if (this.#handles.directory(handle) !== undefined) return errno.success;
    return attempt(() => (dataOnly ? fdatasyncSync(handle) : fsyncSync(handle)));
  }

  /** Nothing in `node:fs` makes room for a file. */
  allocate(): number {
    return errno.notsup;
  }

  /** Advice may be ignored. */
  advise(handle: Handle): number {
    if (this.#handles.directory(handle) !== undefined) return errno.badf;
    return attempt(() => fstatSync(handle));
  }

  setFlags(handle: Handle, flags: number): number {
    const file = this.#handles.file(handle);
    if (file !== undefined) file.append = (flags & fileFlag.append) !== 0;
    return errno.success;
  }

  flags(handle: Handle): number {
    return this.#handles.file(handle)?.append ? fileFlag.append : 0;
  }

  #stats(handle: Handle) {
    const directory = this.#handles.directory(handle);
    return directory === undefined
      ? fstatSync(handle, { bigint: true })
      : statSync(directory.path, { bigint: true });
  }
}

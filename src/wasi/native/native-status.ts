import { errno } from '../errno.ts';
import { lastErrno } from '../libc/errno.ts';
import { libc } from '../libc/library.ts';
import type { Scratch, ScratchRegion } from '../libc/scratch.ts';
import { type FileStatus, fileTypeOfMode } from '../system/file-status.ts';

/** Type, links, times, inode and size: `STATX_BASIC_STATS`. */
const basicStatus = 0x7ff;

/** Reads metadata with `statx`, whose struct is the same on every architecture. */
export class NativeStatus {
  readonly #region: ScratchRegion;

  constructor(scratch: Scratch) {
    this.#region = scratch.reserve(256);
  }

  /** @param path address of a C string, relative to `handle` */
  read(handle: number, path: bigint, flags: number, into: FileStatus): number {
    if (libc.statx(handle, path, flags, basicStatus, this.#region.address) !== 0) {
      return lastErrno();
    }
    this.#decode(into);
    return errno.success;
  }

  #decode(into: FileStatus): void {
    const { view } = this.#region;
    into.links = BigInt(view.getUint32(16, true));
    into.type = fileTypeOfMode(view.getUint16(28, true));
    into.inode = view.getBigUint64(32, true);
    into.size = view.getBigUint64(40, true);
    into.accessed = this.#time(64);
    into.changed = this.#time(96);
    into.modified = this.#time(112);
    into.device = (BigInt(view.getUint32(136, true)) << 32n) | BigInt(view.getUint32(140, true));
  }

  #time(offset: number): bigint {
    const { view } = this.#region;
    return (
      view.getBigInt64(offset, true) * 1_000_000_000n + BigInt(view.getUint32(offset + 8, true))
    );
  }
}

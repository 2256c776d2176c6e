import { errno } from '../errno.ts';
import { lastErrno } from '../libc/errno.ts';
import { libc } from '../libc/library.ts';
import type { Scratch, ScratchRegion } from '../libc/scratch.ts';
import type { DirectoryEntry } from '../system/directories.ts';
import { fileTypeOfMode } from '../system/file-status.ts';

const bufferSize = 32 * 1024;
const seekSet = 0;

/** Bytes of a `struct linux_dirent64` before the name. */
const headerSize = 19;

/**
 * Directory entries by `getdents64`. A cookie is the kernel's own position, which stays good while
 * entries come and go, so nothing is remembered between calls.
 */
export class DirectoryStream {
  readonly #region: ScratchRegion;
  readonly #entry = { inode: 0n, next: 0n, type: 0, name: Buffer.alloc(0) as Uint8Array };

  constructor(scratch: Scratch) {
    this.#region = scratch.reserve(bufferSize);
  }

  entries(directory: number, cookie: bigint, visit: (entry: DirectoryEntry) => boolean): number {
    if (libc.lseek(directory, cookie, seekSet) === -1n) return lastErrno();
    for (;;) {
      const filled = libc.getdents64(directory, this.#region.address, BigInt(bufferSize));
      if (filled === -1) return lastErrno();
      if (filled === 0 || !this.#visitAll(filled, visit)) return errno.success;
    }
  }

  #visitAll(filled: number, visit: (entry: DirectoryEntry) => boolean): boolean {
    const { view } = this.#region;
    for (let at = 0; at < filled; at += view.getUint16(at + 16, true)) {
      this.#decode(at);
      if (!visit(this.#entry)) return false;
    }
    return true;
  }

  #decode(at: number): void {
    const { bytes, view } = this.#region;
    const entry = this.#entry;
    entry.inode = view.getBigUint64(at, true);
    entry.next = view.getBigUint64(at + 8, true);
    entry.type = fileTypeOfMode(view.getUint8(at + 18) << 12); // DT_… is the mode's type
    entry.name = bytes.subarray(at + headerSize, bytes.indexOf(0, at + headerSize));
  }
}

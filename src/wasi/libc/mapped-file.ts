import { getInt32, toArrayBuffer } from 'node:ffi';
import { getSystemErrorName } from 'node:util';
import { libc } from './library.ts';

const protRead = 1;
const mapPrivate = 2;
const mapFailed = 0xffff_ffff_ffff_ffffn;

/**
 * A file's bytes, read by the kernel only where they are touched. Read-only: writing to them ends
 * the process, as does reading them after somebody has truncated the file.
 */
export class MappedFile implements Disposable {
  readonly bytes: ArrayBuffer;
  readonly #address: bigint;

  /** @throws where the kernel refuses to map the descriptor */
  constructor(fd: number, length: number) {
    this.#address = libc.mmap(0n, BigInt(length), protRead, mapPrivate, fd, 0n);
    if (this.#address === mapFailed) {
      const errno = getInt32(libc.__errno_location(), 0);
      throw new Error(`Cannot map ${length} bytes of a file: ${getSystemErrorName(-errno)}`);
    }
    this.bytes = toArrayBuffer(this.#address, length, false);
  }

  /** Unmaps the file: the bytes must not be read any more. */
  [Symbol.dispose](): void {
    libc.munmap(this.#address, BigInt(this.bytes.byteLength));
  }
}

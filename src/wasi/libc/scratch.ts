import { toArrayBuffer } from 'node:ffi';
import { libc } from './library.ts';

const protReadWrite = 3;
const mapPrivateAnonymous = 0x22;
const mapFailed = 0xffff_ffff_ffff_ffffn;
const size = 256 * 1024;

/**
 * Memory for the structs of system calls, mapped once and never freed: what the kernel or libc
 * writes to must stay where it is, and the garbage collector moves and frees what it owns. Pages
 * cost nothing until they are touched.
 */
export class Scratch {
  readonly #address: bigint;
  readonly #buffer: ArrayBuffer;
  #used = 0;

  constructor() {
    this.#address = libc.mmap(0n, BigInt(size), protReadWrite, mapPrivateAnonymous, -1, 0n);
    if (this.#address === mapFailed) throw new Error('Cannot map memory for system calls');
    this.#buffer = toArrayBuffer(this.#address, size, false);
  }

  /** Sets `length` bytes aside for good, aligned to 16. */
  reserve(length: number): ScratchRegion {
    const offset = this.#used;
    if (offset + length > size) throw new Error(`Cannot reserve ${length} bytes: scratch is full`);
    this.#used = (offset + length + 15) & ~15;
    return {
      address: this.#address + BigInt(offset),
      bytes: Buffer.from(this.#buffer, offset, length),
      view: new DataView(this.#buffer, offset, length),
    };
  }
}

export interface ScratchRegion {
  readonly address: bigint;
  readonly bytes: Buffer;
  readonly view: DataView;
}

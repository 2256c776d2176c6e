import { dirtyPageBits } from '../rewrite/memory-helpers.ts';

/** Bytes of a page, the unit in which writes are noted. */
export const pageSize = 1 << dirtyPageBits;

const zeroes = Buffer.alloc(pageSize);
const isZero = -1;

/** The contents of a linear memory at one time. Pages of zeroes, which are most, take no room. */
export class MemorySnapshot {
  readonly length: number;
  /** Where each page lies in the contents. */
  readonly #places: Int32Array;
  readonly #contents: Buffer;

  constructor(bytes: Buffer) {
    this.length = bytes.length;
    this.#places = new Int32Array(bytes.length >>> dirtyPageBits).fill(isZero);
    const kept: Buffer[] = [];
    for (let page = 0; page < this.#places.length; page++) {
      const contents = bytes.subarray(page * pageSize, (page + 1) * pageSize);
      if (contents.equals(zeroes)) continue;
      this.#places[page] = kept.length * pageSize;
      kept.push(contents);
    }
    this.#contents = Buffer.concat(kept);
  }

  /** Whether a memory has these contents. */
  isOf(bytes: Buffer): boolean {
    if (bytes.length !== this.length) return false;
    return this.#places.every((place, page) => {
      const [there, at] = place === isZero ? [zeroes, 0] : [this.#contents, place];
      const start = page * pageSize;
      return there.compare(bytes, start, start + pageSize, at, at + pageSize) === 0;
    });
  }

  /** Makes a page of a memory what it was; one that was not there then, zero. */
  restore(bytes: Buffer, page: number): void {
    const start = page * pageSize;
    const place = this.#places[page] ?? isZero;
    if (place === isZero) bytes.fill(0, start, start + pageSize);
    else this.#contents.copy(bytes, start, place, place + pageSize);
  }
}

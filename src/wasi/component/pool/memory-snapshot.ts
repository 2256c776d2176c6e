import { dirtyPageBits } from '../rewrite/mark-page.ts';
import { pageMargin } from '../rewrite/page-marks.ts';

/** Bytes of a page, the unit in which writes are noted. */
export const pageSize = 1 << dirtyPageBits;

/** A page and its margins, with which it is restored at once. */
const stretchSize = pageMargin + pageSize + pageMargin;
const zeroes = Buffer.alloc(stretchSize);
const isZero = -1;

/** The contents of a linear memory at one time. Stretches of zeroes, which are most, take no room. */
export class MemorySnapshot {
  readonly length: number;
  /** Where each page lies in the contents, behind its first margin; also the page behind the last, for its own. */
  readonly #places: Int32Array;
  readonly #contents: Buffer;

  constructor(bytes: Buffer) {
    this.length = bytes.length;
    this.#places = new Int32Array(bytes.length / pageSize + 1).fill(isZero);
    let size = 0;
    for (const page of this.#places.keys()) {
      const { from, to } = stretchOf(bytes, page);
      if (bytes.compare(zeroes, 0, to - from, from, to) === 0) continue;
      this.#places[page] = size + pageMargin;
      size += stretchSize;
    }
    this.#contents = Buffer.alloc(size);
    for (const [page, place] of this.#places.entries()) {
      if (place === isZero) continue;
      const { start, from, to } = stretchOf(bytes, page);
      bytes.copy(this.#contents, place + from - start, from, to);
    }
  }

  /** Whether a memory has these contents. */
  isOf(bytes: Buffer): boolean {
    if (bytes.length !== this.length) return false;
    for (let start = 0; start < bytes.length; start += pageSize) {
      const place = this.#places[start >>> dirtyPageBits] ?? isZero;
      const [there, at] = place === isZero ? [zeroes, 0] : [this.#contents, place];
      if (there.compare(bytes, start, start + pageSize, at, at + pageSize) !== 0) return false;
    }
    return true;
  }

  /** Makes a page of a memory and its margins what they were; what was not there then, zero. */
  restore(bytes: Buffer, page: number): void {
    const place = this.#places[page] ?? isZero;
    const { start, from, to } = stretchOf(bytes, page);
    if (place === isZero) bytes.fill(0, from, to);
    else this.#contents.copy(bytes, from, place + from - start, place + to - start);
  }
}

/** Where a page and its margins are. */
function stretchOf(bytes: Buffer, page: number) {
  const start = page * pageSize;
  const from = Math.max(0, start - pageMargin);
  const to = Math.min(bytes.length, start + pageSize + pageMargin);
  return { start, from, to };
}

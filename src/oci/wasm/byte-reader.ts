import { OciError } from '../errors.ts';

/** Reads numbers and names from bytes, never past their end. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  #position = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  byte(): number {
    const byte = this.#bytes[this.#position];
    if (byte === undefined) throw malformed('it ends too early');
    this.#position++;
    return byte;
  }

  /** An unsigned number of at most 32 bits, in LEB128. */
  u32(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.byte();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    throw malformed('a number is too long');
  }

  /** Steps over a number of any length and sign. */
  skipNumber(): void {
    while (this.byte() >= 0x80);
  }

  name(): string {
    const length = this.u32();
    const end = this.#position + length;
    if (end > this.#bytes.length) throw malformed('a name ends too late');
    const name = new TextDecoder().decode(this.#bytes.subarray(this.#position, end));
    this.#position = end;
    return name;
  }

  /** Reads a vector: a count, and so many items. */
  vector<T>(item: () => T): T[] {
    const items: T[] = [];
    for (let left = this.u32(); left > 0; left--) items.push(item());
    return items;
  }
}

/** The error for bytes that are not WebAssembly. */
export function malformed(why: string): OciError {
  return new OciError('InvalidModule', `read WebAssembly: malformed: ${why}`);
}

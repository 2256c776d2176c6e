import { MalformedBinary } from './malformed-binary.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * A cursor over a WebAssembly binary. Every read is checked against the end of the section it
 * belongs to and throws {@link MalformedBinary}, so a hostile file can neither read past its bytes
 * nor make a count larger than they allow.
 */
export class Reader {
  readonly bytes: Uint8Array;
  readonly end: number;
  position: number;

  constructor(bytes: Uint8Array, position = 0, end = bytes.length) {
    this.bytes = bytes;
    this.position = position;
    this.end = end;
  }

  get done(): boolean {
    return this.position >= this.end;
  }

  fail(what: string): never {
    throw new MalformedBinary(what, this.position);
  }

  byte(): number {
    if (this.position >= this.end) this.fail('unexpected end');
    return this.bytes[this.position++] ?? 0;
  }

  peek(): number {
    if (this.position >= this.end) this.fail('unexpected end');
    return this.bytes[this.position] ?? 0;
  }

  skip(length: number): void {
    if (length > this.end - this.position) this.fail(`${length} bytes wanted, too few are left`);
    this.position += length;
  }

  take(length: number): Uint8Array {
    const start = this.position;
    this.skip(length);
    return this.bytes.subarray(start, start + length);
  }

  /** An unsigned LEB128 number of at most 32 bits. */
  u32(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.byte();
      if (shift === 28 && byte > 0x0f) break;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    return this.fail('a number of more than 32 bits');
  }

  /** Passes over a LEB128 number of at most `bits` bits, whatever its sign. */
  skipLeb(bits: 32 | 33 | 64): void {
    const longest = Math.ceil(bits / 7);
    for (let length = 0; length < longest; length++) {
      if (this.byte() < 0x80) return;
    }
    this.fail(`a number of more than ${bits} bits`);
  }

  /** A signed LEB128 number of at most 33 bits: a block type or a type index. */
  s33(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.byte();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return byte & 0x40 ? value - 2 ** (shift + 7) : value;
    }
    return this.fail('a number of more than 33 bits');
  }

  /** The length of a list whose items take at least one byte each. */
  count(): number {
    const count = this.u32();
    if (count > this.end - this.position)
      this.fail(`a list of ${count} items, longer than its bytes`);
    return count;
  }

  list<T>(item: (reader: Reader) => T): T[] {
    const items: T[] = [];
    for (let left = this.count(); left > 0; left--) items.push(item(this));
    return items;
  }

  name(): string {
    const bytes = this.take(this.u32());
    try {
      return utf8.decode(bytes);
    } catch {
      return this.fail('a name that is not UTF-8');
    }
  }

  /** A reader of the next `length` bytes, which this one passes over. */
  section(length: number): Reader {
    const start = this.position;
    this.skip(length);
    return new Reader(this.bytes, start, start + length);
  }
}

const paddedLength = 5;

/** Collects a binary of unknown length. */
export class ByteWriter {
  #bytes: Uint8Array;
  #length = 0;

  constructor(capacity = 1024) {
    this.#bytes = new Uint8Array(capacity);
  }

  get length(): number {
    return this.#length;
  }

  byte(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#length++] = value;
  }

  /** Unsigned LEB128, as short as it gets. */
  u32(value: number): void {
    let rest = value;
    while (rest >= 0x80) {
      this.byte((rest & 0x7f) | 0x80);
      rest = Math.floor(rest / 0x80);
    }
    this.byte(rest);
  }

  /** Signed LEB128 of a 32-bit number, as the constants of instructions are written. */
  s32(value: number): void {
    let rest = value | 0;
    for (;;) {
      const low = rest & 0x7f;
      rest >>= 7;
      const last = (rest === 0 && (low & 0x40) === 0) || (rest === -1 && (low & 0x40) !== 0);
      this.byte(last ? low : low | 0x80);
      if (last) return;
    }
  }

  bytes(source: ArrayLike<number>): void {
    this.#reserve(source.length);
    this.#bytes.set(source, this.#length);
    this.#length += source.length;
  }

  name(text: string): void {
    const bytes = new TextEncoder().encode(text);
    this.u32(bytes.length);
    this.bytes(bytes);
  }

  /** Writes what `contents` writes, behind its length. */
  sized(contents: () => void): void {
    this.#reserve(paddedLength);
    const at = this.#length;
    this.#length += paddedLength;
    contents();
    this.#patchLength(at, this.#length - at - paddedLength);
  }

  /** The bytes so far; valid until the next write. */
  result(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, this.#length);
  }

  /** A LEB128 number may be padded with zero groups, so its room can be set aside beforehand. */
  #patchLength(at: number, length: number): void {
    for (let index = 0; index < paddedLength; index++) {
      const more = index < paddedLength - 1 ? 0x80 : 0;
      this.#bytes[at + index] = ((length >>> (7 * index)) & 0x7f) | more;
    }
  }

  #reserve(count: number): void {
    if (this.#length + count <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + count));
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
  }
}

const smallest = 16 * 1024;
/** Buffers to gather in that nobody uses. */
const idle: Buffer[] = [];
/** Responses are gathered at once only where guests wait in between; of a load of those, no more is kept. */
const mostIdle = 4;
const nothing = Buffer.alloc(0);

/** Bytes that are gathered until they are sent, in a buffer that is used again and again. */
export class GatheredBytes {
  #buffer = idle.pop() ?? Buffer.allocUnsafeSlow(smallest);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Appends a copy. */
  add(contents: Uint8Array): void {
    const length = this.#length + contents.length;
    if (length > this.#buffer.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(length, 2 * this.#buffer.length));
      this.#buffer.copy(larger, 0, 0, this.#length);
      this.#buffer = larger;
    }
    this.#buffer.set(contents, this.#length);
    this.#length = length;
  }

  /** What is gathered, in place: until it is given back. */
  get bytes(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }

  /** To be called when nobody reads the bytes any more; they are there to be overwritten then. */
  giveBack(): void {
    if (idle.length < mostIdle) idle.push(this.#buffer);
    this.#buffer = nothing;
    this.#length = 0;
  }
}

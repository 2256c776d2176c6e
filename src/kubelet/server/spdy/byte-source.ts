/** Reads a stream of chunks by length. */
export class ByteSource {
  readonly #chunks: AsyncIterator<Buffer>;
  #buffered: Buffer = Buffer.alloc(0);

  constructor(chunks: AsyncIterable<Buffer>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  /** The next `length` bytes; `undefined` where the stream ends before all of them came. */
  async exactly(length: number): Promise<Buffer | undefined> {
    if (this.#buffered.length < length && !(await this.#fill(length))) return undefined;
    return this.#take(length);
  }

  /** Between 1 and `limit` bytes, as many as are there; `undefined` at the end. */
  async some(limit: number): Promise<Buffer | undefined> {
    if (this.#buffered.length === 0 && !(await this.#fill(1))) return undefined;
    return this.#take(Math.min(limit, this.#buffered.length));
  }

  #take(length: number): Buffer {
    const taken = this.#buffered.subarray(0, length);
    this.#buffered = this.#buffered.subarray(length);
    return taken;
  }

  async #fill(length: number): Promise<boolean> {
    const parts = [this.#buffered];
    let size = this.#buffered.length;
    while (size < length) {
      const next = await this.#chunks.next();
      if (next.done) break;
      parts.push(next.value);
      size += next.value.length;
    }
    this.#buffered = Buffer.concat(parts);
    return size >= length;
  }
}

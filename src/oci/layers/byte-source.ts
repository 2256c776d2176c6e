import { MalformedArchive } from './tar-header.ts';

/** Bytes that come in chunks of any size, to be taken as they are needed. */
export class ByteSource {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #rest: Uint8Array = new Uint8Array();

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  /**
   * Exactly so many bytes, or `undefined` at the end.
   *
   * @throws {MalformedArchive} where the end comes in between
   */
  async take(count: number): Promise<Buffer | undefined> {
    const parts: Uint8Array[] = [];
    for (let left = count; left > 0; ) {
      const part = await this.#some(left);
      if (part === undefined && parts.length === 0) return undefined;
      if (part === undefined) throw cutOff();
      parts.push(part);
      left -= part.length;
    }
    return Buffer.concat(parts, count);
  }

  /**
   * At least one byte and at most so many.
   *
   * @throws {MalformedArchive} at the end
   */
  async upTo(count: number): Promise<Uint8Array> {
    const part = await this.#some(count);
    if (part === undefined) throw cutOff();
    return part;
  }

  /** @throws {MalformedArchive} where there are fewer bytes */
  async skip(count: number): Promise<void> {
    for (let left = count; left > 0; ) left -= (await this.upTo(left)).length;
  }

  async #some(count: number): Promise<Uint8Array | undefined> {
    while (this.#rest.length === 0) {
      const { done, value } = await this.#chunks.next();
      if (done === true) return undefined;
      this.#rest = value;
    }
    const part = this.#rest.subarray(0, count);
    this.#rest = this.#rest.subarray(part.length);
    return part;
  }
}

function cutOff(): MalformedArchive {
  return new MalformedArchive('it ends within an entry');
}

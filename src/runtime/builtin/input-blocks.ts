import { BuiltinError } from './builtin-error.ts';
import type { ByteChannel } from './byte-channel.ts';

/** Standard input, read in the lengths that a format asks for. */
export class InputBlocks {
  readonly #io: ByteChannel;
  #rest: Buffer = Buffer.alloc(0);

  constructor(io: ByteChannel) {
    this.#io = io;
  }

  /** The next `length` bytes, copied; `undefined` where the input ends before. */
  take(length: number): Buffer | undefined {
    const taken = Buffer.alloc(length);
    let filled = 0;
    while (filled < length) {
      const part = this.#next(length - filled);
      if (part.length === 0) return undefined;
      filled += part.copy(taken, filled);
    }
    return taken;
  }

  /** Hands on the next `length` bytes in parts; each is valid during the call. */
  pass(length: number, receive: (part: Buffer) => void): void {
    for (let left = length; left > 0; ) {
      const part = this.#next(left);
      if (part.length === 0) throw new BuiltinError('Unexpected end of the archive');
      left -= part.length;
      receive(part);
    }
  }

  /** Reads to the end, so that whoever writes is not cut off. */
  drain(): void {
    while (this.#next(Number.POSITIVE_INFINITY).length > 0);
  }

  #next(atMost: number): Buffer {
    // Copied, as writing a file goes through the memory that was read into.
    if (this.#rest.length === 0) this.#rest = Buffer.from(this.#io.readInput());
    const part = this.#rest.subarray(0, atMost);
    this.#rest = this.#rest.subarray(part.length);
    return part;
  }
}

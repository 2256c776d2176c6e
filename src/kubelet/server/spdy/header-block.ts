import type { SpdyHeaders } from './frame.ts';
import { SpdyError } from './spdy-error.ts';

/** Most headers that one block may carry. */
const maxHeaders = 256;

/** Name/value pairs to the bytes of an uncompressed header block. */
export function encodeHeaderBlock(headers: SpdyHeaders): Buffer {
  const parts = [uint32(headers.size)];
  for (const [name, values] of headers) {
    for (const text of [name, values.join('\0')]) {
      const bytes = Buffer.from(text, 'utf8');
      parts.push(uint32(bytes.length), bytes);
    }
  }
  return Buffer.concat(parts);
}

/**
 * The bytes of an uncompressed header block to name/value pairs.
 *
 * @throws {SpdyError} PROTOCOL_ERROR where the block is torn, repeats a name or has an empty or
 * upper-case one
 */
export function decodeHeaderBlock(block: Buffer): SpdyHeaders {
  const reader = new BlockReader(block);
  const count = reader.uint32();
  if (count > maxHeaders) throw malformed(`${count} headers, at most ${maxHeaders} are taken`);
  const headers = new Map<string, readonly string[]>();
  for (let index = 0; index < count; index++) {
    const name = reader.text();
    if (name === '' || name !== name.toLowerCase() || headers.has(name)) {
      throw malformed(`header name '${name}'`);
    }
    headers.set(name, reader.text().split('\0'));
  }
  if (!reader.ended) throw malformed('bytes after the last header');
  return headers;
}

class BlockReader {
  readonly #block: Buffer;
  #at = 0;

  constructor(block: Buffer) {
    this.#block = block;
  }

  get ended(): boolean {
    return this.#at === this.#block.length;
  }

  uint32(): number {
    if (this.#at + 4 > this.#block.length) throw malformed('it ends early');
    const value = this.#block.readUInt32BE(this.#at);
    this.#at += 4;
    return value;
  }

  text(): string {
    const length = this.uint32();
    if (this.#at + length > this.#block.length) throw malformed('it ends early');
    const text = this.#block.toString('utf8', this.#at, this.#at + length);
    this.#at += length;
    return text;
  }
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function malformed(detail: string): SpdyError {
  return new SpdyError('PROTOCOL_ERROR', `read header block: ${detail}`);
}

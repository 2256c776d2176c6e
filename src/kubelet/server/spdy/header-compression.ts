import { constants, createInflate } from 'node:zlib';
import { headerDictionary } from './header-dictionary.ts';
import { SpdyError } from './spdy-error.ts';

/** Most bytes that one header block may inflate to. */
const maxBlockBytes = 64 * 1024;

/** Most bytes that a stored block can hold. */
const maxStoredBytes = 0xffff;

/**
 * Writes header blocks as the one zlib stream that a SPDY connection has in each direction. The
 * blocks are stored, not deflated: ours carry a handful of bytes, and a stream without state
 * leaks nothing to a compression oracle.
 */
export class HeaderCompressor {
  #started = false;

  compress(block: Buffer): Buffer {
    if (block.length > maxStoredBytes) {
      throw new SpdyError('FRAME_TOO_LARGE', `write header block: ${block.length} bytes`);
    }
    const zlibHeader = this.#started ? [] : [Buffer.from([0x78, 0x01])];
    this.#started = true;
    // The empty block at the end is what a sync flush looks like: readers wait for it.
    return Buffer.concat([...zlibHeader, stored(block), stored(Buffer.alloc(0))]);
  }
}

/** Reads header blocks from the peer's zlib stream, bounded so that no block can be a bomb. */
export class HeaderDecompressor implements Disposable {
  readonly #inflate = createInflate({
    dictionary: headerDictionary,
    finishFlush: constants.Z_SYNC_FLUSH,
  });
  #failure: Error | undefined;

  constructor() {
    this.#inflate.on('error', (error) => {
      this.#failure = error;
    });
  }

  /** @throws {SpdyError} PROTOCOL_ERROR where the bytes do not inflate, or to too many */
  async decompress(compressed: Buffer): Promise<Buffer> {
    const parts: Buffer[] = [];
    let size = 0;
    const collect = (part: Buffer) => {
      parts.push(part);
      size += part.length;
      if (size > maxBlockBytes) this.#inflate.destroy(tooLarge());
    };
    this.#inflate.on('data', collect);
    try {
      await this.#write(compressed);
    } catch (cause) {
      if (cause instanceof SpdyError) throw cause;
      throw new SpdyError('PROTOCOL_ERROR', 'inflate header block: not zlib data', { cause });
    } finally {
      this.#inflate.off('data', collect);
    }
    if (size > maxBlockBytes) throw tooLarge();
    return Buffer.concat(parts);
  }

  [Symbol.dispose](): void {
    this.#inflate.destroy();
  }

  #write(compressed: Buffer): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    if (this.#failure) return Promise.reject(this.#failure);
    this.#inflate.once('error', reject);
    this.#inflate.write(compressed);
    this.#inflate.flush(constants.Z_SYNC_FLUSH, () => {
      if (this.#failure === undefined) resolve();
    });
    return promise.finally(() => this.#inflate.off('error', reject));
  }
}

function stored(bytes: Buffer): Buffer {
  const header = Buffer.alloc(5);
  header.writeUInt16LE(bytes.length, 1);
  header.writeUInt16LE(~bytes.length & 0xffff, 3);
  return Buffer.concat([header, bytes]);
}

function tooLarge(): SpdyError {
  return new SpdyError('PROTOCOL_ERROR', `inflate header block: over ${maxBlockBytes} bytes`);
}

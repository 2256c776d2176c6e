import { GuestMemory } from '../../wasi/guest-memory.ts';
import { IoVectors } from '../../wasi/io-vectors.ts';
import type { Streams } from '../../wasi/system/streams.ts';
import type { Handle } from '../../wasi/system/system.ts';
import { fileError } from './builtin-error.ts';

export interface StandardHandles {
  readonly stdin: Handle;
  readonly stdout: Handle;
  readonly stderr: Handle;
}

/** Bytes that one call transfers at most: one page of WebAssembly. */
const chunkSize = 64 * 1024;

/** Reads and writes whole buffers through the port that serves guests. */
export class ByteChannel {
  readonly #streams: Streams;
  readonly #standard: StandardHandles;
  readonly #memory = new GuestMemory();
  readonly #vectors = new IoVectors();

  constructor(streams: Streams, standard: StandardHandles = { stdin: 0, stdout: 1, stderr: 2 }) {
    this.#streams = streams;
    this.#standard = standard;
    this.#memory.attach(new WebAssembly.Memory({ initial: 1, maximum: 1 }));
    this.#vectors.count = 1;
  }

  /** Writes text to standard output. */
  print(text: string): void {
    this.write(Buffer.from(text));
  }

  /** Writes text to standard error. */
  complain(text: string): void {
    this.#writeTo(this.#standard.stderr, 'standard error', Buffer.from(text));
  }

  /** Writes bytes to standard output. */
  write(bytes: Uint8Array): void {
    this.#writeTo(this.#standard.stdout, 'standard output', bytes);
  }

  /** The next bytes of standard input, none at its end; valid until the next call. */
  readInput(): Buffer {
    return this.read(this.#standard.stdin, 'standard input');
  }

  /** The next bytes of a file, none at its end; valid until the next call. */
  read(handle: Handle, name: string): Buffer {
    this.#vectors.lengths[0] = chunkSize;
    const length = this.#streams.read(handle, this.#memory, this.#vectors);
    if (length < 0) throw fileError(name, -length);
    return this.#memory.bytes.subarray(0, length);
  }

  /** Writes all bytes to a file. */
  writeFile(handle: Handle, name: string, bytes: Uint8Array): void {
    this.#writeTo(handle, name, bytes);
  }

  close(handle: Handle): void {
    this.#streams.close(handle);
  }

  #writeTo(handle: Handle, name: string, bytes: Uint8Array): void {
    for (let done = 0; done < bytes.length; ) {
      const part = bytes.subarray(done, done + chunkSize);
      // Source and target are the same memory where a chunk that was read is written on.
      this.#memory.bytes.set(part);
      this.#vectors.lengths[0] = part.length;
      const written = this.#streams.write(handle, this.#memory, this.#vectors);
      if (written < 0) throw fileError(name, -written);
      done += written;
    }
  }
}

import { errno } from '../errno.ts';
import type { GuestMemory } from '../guest-memory.ts';
import type { IoVectors } from '../io-vectors.ts';
import { lastErrno, outcome } from '../libc/errno.ts';
import { libc } from '../libc/library.ts';
import type { Streams } from '../system/streams.ts';
import type { Handle } from '../system/system.ts';
import type { NativeVectors } from './native-vectors.ts';

const { read, readv, write, writev, pread, preadv, pwrite, pwritev, lseek, close } = libc;

/**
 * Bytes between guest memory and descriptors, without a copy on the way. A list of one vector, by
 * far the most common, takes the call that needs no array.
 *
 * Lengths are passed as 32 bits for a `size_t`: both architectures widen them with zeros, and it
 * saves making a bigint per call.
 */
export class NativeStreams implements Streams {
  readonly #vectors: NativeVectors;

  constructor(vectors: NativeVectors) {
    this.#vectors = vectors;
  }

  read(handle: Handle, memory: GuestMemory, vectors: IoVectors): number {
    for (;;) {
      const done =
        vectors.count === 1
          ? read(handle, this.#first(memory, vectors), vectors.lengths[0] ?? 0)
          : readv(handle, this.#vectors.place(memory, vectors), vectors.count);
      if (done !== -1 || lastErrno() !== errno.intr) return transferred(done);
    }
  }

  write(handle: Handle, memory: GuestMemory, vectors: IoVectors): number {
    for (;;) {
      const done =
        vectors.count === 1
          ? write(handle, this.#first(memory, vectors), vectors.lengths[0] ?? 0)
          : writev(handle, this.#vectors.place(memory, vectors), vectors.count);
      if (done !== -1 || lastErrno() !== errno.intr) return transferred(done);
    }
  }

  readAt(handle: Handle, memory: GuestMemory, vectors: IoVectors, offset: bigint): number {
    return transferred(
      vectors.count === 1
        ? pread(handle, this.#first(memory, vectors), vectors.lengths[0] ?? 0, offset)
        : preadv(handle, this.#vectors.place(memory, vectors), vectors.count, offset),
    );
  }

  writeAt(handle: Handle, memory: GuestMemory, vectors: IoVectors, offset: bigint): number {
    return transferred(
      vectors.count === 1
        ? pwrite(handle, this.#first(memory, vectors), vectors.lengths[0] ?? 0, offset)
        : pwritev(handle, this.#vectors.place(memory, vectors), vectors.count, offset),
    );
  }

  seek(handle: Handle, offset: bigint, whence: number): bigint {
    const position = lseek(handle, offset, whence);
    return position === -1n ? BigInt(-lastErrno()) : position;
  }

  close(handle: Handle): number {
    return outcome(close(handle));
  }

  #first(memory: GuestMemory, vectors: IoVectors): bigint {
    return this.#vectors.guest.of(memory, vectors.pointers[0] ?? 0);
  }
}

function transferred(result: number): number {
  return result === -1 ? -lastErrno() : result;
}

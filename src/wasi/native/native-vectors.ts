import type { GuestMemory } from '../guest-memory.ts';
import { type IoVectors, maxVectors } from '../io-vectors.ts';
import { GuestAddress } from '../libc/guest-address.ts';
import type { Scratch, ScratchRegion } from '../libc/scratch.ts';

const vectorSize = 16;

/** A `struct iovec` array over guest memory, for the calls that take one. */
export class NativeVectors {
  readonly guest = new GuestAddress();
  readonly #region: ScratchRegion;
  readonly #words: BigUint64Array;

  constructor(scratch: Scratch) {
    this.#region = scratch.reserve(maxVectors * vectorSize);
    const { buffer, byteOffset } = this.#region.bytes;
    this.#words = new BigUint64Array(buffer, byteOffset, maxVectors * 2);
  }

  /** The address of the array. Valid until the next call. */
  place(memory: GuestMemory, vectors: IoVectors): bigint {
    for (let index = 0; index < vectors.count; index += 1) {
      this.#words[index * 2] = this.guest.of(memory, vectors.pointers[index] ?? 0);
      this.#words[index * 2 + 1] = BigInt(vectors.lengths[index] ?? 0);
    }
    return this.#region.address;
  }
}

import { errno } from '../errno.ts';
import type { GuestMemory } from '../guest-memory.ts';
import { lastErrno } from '../libc/errno.ts';
import { GuestAddress } from '../libc/guest-address.ts';
import { libc } from '../libc/library.ts';
import type { Scratch, ScratchRegion } from '../libc/scratch.ts';
import type { RandomSource } from '../system/random-source.ts';

const poolSize = 4096;

/** Up to this many bytes come from the pool; more are worth a system call of their own. */
const largestFromPool = 256;

/**
 * The kernel's random numbers, small requests from a pool. A byte is handed out once and erased.
 *
 * A forked process must not inherit a filled pool, or siblings would share their secrets: call
 * {@link discard} after a fork, or make the source there.
 */
export class NativeRandomSource implements RandomSource {
  readonly #pool: ScratchRegion;
  readonly #guest = new GuestAddress();
  #next = poolSize;

  constructor(scratch: Scratch) {
    this.#pool = scratch.reserve(poolSize);
  }

  fill(memory: GuestMemory, pointer: number, length: number): number {
    if (length > largestFromPool) return getRandom(this.#guest.of(memory, pointer), length);
    if (this.#next + length > poolSize) {
      const failure = getRandom(this.#pool.address, poolSize);
      if (failure !== errno.success) return failure;
      this.#next = 0;
    }
    this.#take(memory.bytes, pointer, length);
    return errno.success;
  }

  /** Forgets what is in the pool. */
  discard(): void {
    this.#pool.bytes.fill(0);
    this.#next = poolSize;
  }

  #take(target: Uint8Array, pointer: number, length: number): void {
    const source = this.#pool.bytes;
    const start = this.#next;
    for (let index = 0; index < length; index += 1) {
      target[pointer + index] = source[start + index] ?? 0;
      source[start + index] = 0;
    }
    this.#next = start + length;
  }
}

/** Asks until it has all: the kernel gives at most 32 MiB at a time. */
function getRandom(address: bigint, length: number): number {
  for (let done = 0; done < length; ) {
    const got = Number(libc.getrandom(address + BigInt(done), BigInt(length - done), 0));
    if (got >= 0) done += got;
    else if (lastErrno() !== errno.intr) return lastErrno();
  }
  return errno.success;
}

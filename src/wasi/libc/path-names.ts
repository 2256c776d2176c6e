import type { Scratch, ScratchRegion } from './scratch.ts';

/** `PATH_MAX`, the terminating zero included. */
const maxLength = 4096;

/** Paths as C strings, for calls that take up to two. */
export class PathNames {
  /** The address of "". */
  readonly empty: bigint;
  readonly #first: ScratchRegion;
  readonly #second: ScratchRegion;

  constructor(scratch: Scratch) {
    this.empty = scratch.reserve(1).address;
    this.#first = scratch.reserve(maxLength);
    this.#second = scratch.reserve(maxLength);
  }

  /** The address of a path, valid until the next call; 0 if it is too long. */
  first(path: string): bigint {
    return placed(this.#first, path);
  }

  /** As {@link first}, leaving that in place. */
  second(path: string): bigint {
    return placed(this.#second, path);
  }
}

function placed(region: ScratchRegion, path: string): bigint {
  // A UTF-16 unit makes at least one byte, so what fits is known before it is written.
  const length = path.length < maxLength ? region.bytes.write(path, 0, maxLength - 1) : maxLength;
  if (length >= maxLength - 1 && Buffer.byteLength(path) > length) return 0n;
  region.bytes[length] = 0;
  return region.address;
}

import type { Scratch, ScratchRegion } from '../libc/scratch.ts';
import type { FileTimes, NewTime } from '../system/files.ts';

/** In place of nanoseconds: `UTIME_NOW` and `UTIME_OMIT`. */
const special = { now: 0x3fff_ffffn, keep: 0x3fff_fffen } as const;

const nanosecondsPerSecond = 1_000_000_000n;

/** The two `struct timespec` that `futimens` and `utimensat` take. */
export class NativeTimes {
  readonly #region: ScratchRegion;

  constructor(scratch: Scratch) {
    this.#region = scratch.reserve(32);
  }

  /** The structs' address. Valid until the next call. */
  place(times: FileTimes): bigint {
    this.#put(0, times.accessed);
    this.#put(16, times.modified);
    return this.#region.address;
  }

  #put(offset: number, time: NewTime): void {
    const { view } = this.#region;
    const [seconds, nanoseconds] =
      typeof time === 'bigint'
        ? [time / nanosecondsPerSecond, time % nanosecondsPerSecond]
        : [0n, special[time]];
    view.setBigInt64(offset, seconds, true);
    view.setBigInt64(offset + 8, nanoseconds, true);
  }
}

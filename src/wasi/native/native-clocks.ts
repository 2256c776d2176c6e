import { errno } from '../errno.ts';
import { lastErrno } from '../libc/errno.ts';
import { libc } from '../libc/library.ts';
import type { Scratch, ScratchRegion } from '../libc/scratch.ts';
import type { Clocks } from '../system/clocks.ts';

const { clock_gettime, clock_getres } = libc;

const nanosecondsPerSecond = 1_000_000_000;

/** Clocks read by `clock_gettime`, which the vDSO answers without entering the kernel. */
export class NativeClocks implements Clocks {
  /** A `struct timespec`. */
  readonly #time: ScratchRegion;

  constructor(scratch: Scratch) {
    this.#time = scratch.reserve(16);
  }

  now(clock: number): bigint {
    return clock_gettime(clock, this.#time.address) === 0 ? this.#nanoseconds() : failed();
  }

  resolution(clock: number): bigint {
    return clock_getres(clock, this.#time.address) === 0 ? this.#nanoseconds() : failed();
  }

  /** Multiplies seconds by 10⁹ in two halves of 16 bits, which doubles hold exactly. */
  write(clock: number, view: DataView, offset: number): number {
    const time = this.#time;
    if (clock_gettime(clock, time.address) !== 0) return lastErrno();
    const seconds = time.view.getUint32(0, true);
    const upper = (seconds >>> 16) * nanosecondsPerSecond;
    const lower =
      (seconds & 0xffff) * nanosecondsPerSecond +
      time.view.getUint32(8, true) +
      (upper % 0x1_0000) * 0x1_0000;
    view.setUint32(offset, lower >>> 0, true);
    view.setUint32(
      offset + 4,
      Math.floor(upper / 0x1_0000) + Math.floor(lower / 0x1_0000_0000),
      true,
    );
    return errno.success;
  }

  yield(): void {
    libc.sched_yield();
  }

  #nanoseconds(): bigint {
    const { view } = this.#time;
    return view.getBigInt64(0, true) * BigInt(nanosecondsPerSecond) + view.getBigInt64(8, true);
  }
}

function failed(): bigint {
  return BigInt(-lastErrno());
}

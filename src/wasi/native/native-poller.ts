import { errno } from '../errno.ts';
import { lastErrno } from '../libc/errno.ts';
import { libc } from '../libc/library.ts';
import type { Scratch, ScratchRegion } from '../libc/scratch.ts';
import { clock } from '../system/clocks.ts';
import type { Poller, PollInterest } from '../system/poller.ts';
import type { Handle } from '../system/system.ts';
import type { NativeClocks } from './native-clocks.ts';

const pollIn = 0x1;
const pollOut = 0x4;
const pollError = 0x8;
const pollHangup = 0x10;
const pollInvalid = 0x20;
const countReadable = 0x541bn; // FIONREAD
const entrySize = 8;
const nanosecondsPerSecond = 1_000_000_000n;

/** More than this at once is refused with `inval`: it is also the usual limit on descriptors. */
const maxInterests = 1024;

/** Waits with `ppoll`. */
export class NativePoller implements Poller {
  readonly #clocks: NativeClocks;
  readonly #entries: ScratchRegion;
  readonly #timeout: ScratchRegion;
  readonly #readable: ScratchRegion;

  constructor(scratch: Scratch, clocks: NativeClocks) {
    this.#clocks = clocks;
    this.#entries = scratch.reserve(maxInterests * entrySize);
    this.#timeout = scratch.reserve(16);
    this.#readable = scratch.reserve(4);
  }

  wait(interests: readonly PollInterest[], timeout: bigint | undefined): number {
    if (interests.length > maxInterests) return -errno.inval;
    this.#placeEntries(interests);
    const ready = this.#poll(interests.length, timeout);
    if (ready > 0) this.#takeResults(interests);
    return ready;
  }

  bytesReadable(handle: Handle): bigint {
    const { address, view } = this.#readable;
    view.setInt32(0, 0, true);
    const unknown = libc.ioctl(handle, countReadable, address) !== 0;
    return unknown ? 0n : BigInt(Math.max(0, view.getInt32(0, true)));
  }

  #placeEntries(interests: readonly PollInterest[]): void {
    const { view } = this.#entries;
    for (const [index, { handle, kind }] of interests.entries()) {
      view.setInt32(index * entrySize, handle, true);
      view.setUint32(index * entrySize + 4, kind === 'read' ? pollIn : pollOut, true);
    }
  }

  /** Calls until done or due: a signal, a stop and a continuation among them, cuts a wait short. */
  #poll(count: number, timeout: bigint | undefined): number {
    const due = timeout === undefined ? undefined : this.#clocks.now(clock.monotonic) + timeout;
    let left = timeout;
    for (;;) {
      const time = left === undefined ? 0n : this.#placeTimeout(left);
      const ready = libc.ppoll(this.#entries.address, BigInt(count), time, 0n);
      if (ready !== -1) return ready;
      const failure = lastErrno();
      if (failure !== errno.intr) return -failure;
      if (due !== undefined) left = due - this.#clocks.now(clock.monotonic);
    }
  }

  #placeTimeout(nanoseconds: bigint): bigint {
    const { address, view } = this.#timeout;
    const time = nanoseconds < 0n ? 0n : nanoseconds;
    view.setBigInt64(0, time / nanosecondsPerSecond, true);
    view.setBigInt64(8, time % nanosecondsPerSecond, true);
    return address;
  }

  #takeResults(interests: readonly PollInterest[]): void {
    for (const [index, interest] of interests.entries()) {
      const events = this.#entries.view.getUint16(index * entrySize + 6, true);
      interest.ready = events !== 0;
      interest.hangup = (events & pollHangup) !== 0;
      interest.error = errorOf(events);
    }
  }
}

/** A hang-up is not an error: what is left can still be read. */
function errorOf(events: number): number {
  if (events & pollInvalid) return errno.badf;
  return events & pollError && !(events & pollHangup) ? errno.io : errno.success;
}

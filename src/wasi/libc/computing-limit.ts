import { errnoName } from '../errno.ts';
import { callResult } from './call-result.ts';
import { libc } from './library.ts';
import { place, placedBytes } from './struct-page.ts';
import { systemCallNumbers } from './syscall-numbers.ts';

const threadClock = 3n; // CLOCK_THREAD_CPUTIME_ID
const nanosecondsOfMillisecond = 1_000_000;
const nanosecondsOfSecond = 1_000_000_000n;
const eventBytes = 64;
const signalNumberAt = 8;

/** The signal that ends a process whose time is up: SIGVTALRM. */
export const computedTooLong = 26;

/** The timer of this thread, which the first call makes. */
let ownTimer: bigint | undefined;

/**
 * Has the kernel end this process by {@link computedTooLong} when this thread has used so much processor time
 * from now on, whatever it is doing then; the last call counts. 0 lifts the limit.
 *
 * @throws where the system does not allow it
 * @see https://man7.org/linux/man-pages/man2/timer_settime.2.html
 */
export function limitComputing(milliseconds: number): void {
  ownTimer ??= createTimer();
  const nanoseconds = BigInt(Math.ceil(milliseconds * nanosecondsOfMillisecond));
  const seconds = nanoseconds / nanosecondsOfSecond;
  const once = BigInt64Array.of(0n, 0n, seconds, nanoseconds % nanosecondsOfSecond);
  const [pointer] = place(new Uint8Array(once.buffer));
  const number = BigInt(systemCallNumbers.timer_settime);
  done(libc.syscall(number, ownTimer, 0n, pointer, 0n, 0n, 0n));
}

/** libc has the functions in another library on some systems. */
function createTimer(): bigint {
  const event = Buffer.alloc(eventBytes); // it is a signal: SIGEV_SIGNAL is 0
  event.writeInt32LE(computedTooLong, signalNumberAt);
  const [eventPointer, timerPointer] = place(event, new Uint8Array(4));
  const number = BigInt(systemCallNumbers.timer_create);
  done(libc.syscall(number, threadClock, eventPointer, timerPointer, 0n, 0n, 0n));
  return BigInt(Buffer.from(placedBytes(timerPointer, 4)).readInt32LE());
}

function done(result: bigint): void {
  const code = callResult(result);
  if (code < 0) throw new Error(`Cannot limit what a thread computes: ${errnoName(-code)}`);
}

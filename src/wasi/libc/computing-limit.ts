import { errnoName } from '../errno.ts';
import { callResult } from './call-result.ts';
import { libc } from './library.ts';
import { place } from './struct-page.ts';

const virtualTimer = 1; // ITIMER_VIRTUAL
const millisecondsOfSecond = 1000;
const microsecondsOfMillisecond = 1000;

/** The signal that ends a process whose time is up: SIGVTALRM. */
export const computedTooLong = 26;

/**
 * Has the kernel end this process by {@link computedTooLong} when it has used so much processor time from now
 * on, whatever it is doing then; the last call counts. 0 lifts the limit.
 *
 * @throws where the system does not allow it
 * @see https://man7.org/linux/man-pages/man2/setitimer.2.html
 */
export function limitComputing(milliseconds: number): void {
  const seconds = Math.floor(milliseconds / millisecondsOfSecond);
  const rest = Math.ceil(milliseconds % millisecondsOfSecond) * microsecondsOfMillisecond;
  const timer = BigInt64Array.of(0n, 0n, BigInt(seconds), BigInt(rest)); // it goes off once
  const [pointer] = place(new Uint8Array(timer.buffer));
  const result = callResult(libc.setitimer(virtualTimer, pointer, 0n));
  if (result < 0) throw new Error(`Cannot limit what a process computes: ${errnoName(-result)}`);
}

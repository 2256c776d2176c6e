import { callResult } from './call-result.ts';
import { libc } from './library.ts';
import { Scratch } from './scratch.ts';

const size = 8;
const region = new Scratch().reserve(size);

/**
 * What `Math.random` answers, a number of at least 0 and below 1 with 53 bits, from the kernel: it has
 * no state of which a forked process could have a copy, and does not load `node:crypto`, which takes
 * 5 ms.
 */
export function randomFraction(): number {
  const got = callResult(libc.getrandom(region.address, BigInt(size), 0));
  if (got !== size) throw new Error(`Cannot get random numbers: errno ${-got}`);
  return Number(region.view.getBigUint64(0) >> 11n) / 2 ** 53;
}

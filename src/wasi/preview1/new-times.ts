import { errno } from '../errno.ts';
import type { FileTimes } from '../system/files.ts';

/** https://github.com/WebAssembly/WASI/blob/wasi-0.1/preview1/docs.md#fstflags */
const flag = { accessed: 1, accessedNow: 2, modified: 4, modifiedNow: 8 } as const;

/**
 * Takes the times that a guest wants a file to have.
 *
 * @returns `inval` where a time shall be both given and the present, or is too far away
 */
export function takeTimes(
  into: FileTimes,
  accessed: bigint,
  modified: bigint,
  flags: number,
): number {
  const both = (given: number, now: number) => (flags & given) !== 0 && (flags & now) !== 0;
  if (both(flag.accessed, flag.accessedNow) || both(flag.modified, flag.modifiedNow)) {
    return errno.inval;
  }
  into.accessed = flags & flag.accessed ? BigInt.asUintN(64, accessed) : 'keep';
  if (flags & flag.accessedNow) into.accessed = 'now';
  into.modified = flags & flag.modified ? BigInt.asUintN(64, modified) : 'keep';
  if (flags & flag.modifiedNow) into.modified = 'now';
  return errno.success;
}

import { callResult } from './call-result.ts';
import { libc } from './library.ts';

const dontFork = 10; // MADV_DONTFORK
const unaligned = 1n;

/**
 * Whether forked children get all memory of this process because a filter lets nobody keep any from
 * them: such a filter answers before the kernel can refuse an address that is not a page's.
 */
export function childrenGetAllMemory(): boolean {
  return callResult(libc.madvise(unaligned, unaligned, dontFork)) === 0;
}

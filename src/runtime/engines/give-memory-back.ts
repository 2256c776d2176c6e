import { trimHeap } from '../../wasi/libc/heap.ts';

/**
 * Collects garbage, and gives what is free back to the machine: what requests have left would else stay
 * until as many have come again. Takes some tens of milliseconds, in which no request is answered.
 *
 * Executed processes have no `gc`, but V8's own threads, which do as much after a while.
 */
export function giveMemoryBack(): void {
  globalThis.gc?.({ type: 'major', execution: 'sync', flavor: 'last-resort' });
  trimHeap();
}

import { setFlagsFromString } from 'node:v8';

/** More pods than nodes usually run. */
const manyPods = 250;

/**
 * Lets the heap of a node for many pods grow by half before all of it is looked through again. By
 * itself this process does that after a tenth, which keeps the heap of an ordinary node small, and is
 * half of what it does while a thousand pods start.
 */
export function growHeapFor(maxPods: number): void {
  if (maxPods > manyPods) setFlagsFromString('--heap-growing-percent=50');
}

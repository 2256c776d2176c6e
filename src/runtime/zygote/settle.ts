import { plugHeap } from '../../wasi/libc/heap.ts';

/**
 * Cleans up after boot: what is free now is not copied into every child that writes beside it.
 * Needs V8's `--expose-gc`.
 */
export function settle(): void {
  for (let round = 0; round < 2; round++) globalThis.gc?.();
  plugHeap();
}

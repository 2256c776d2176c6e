import { plugHeap } from '../../wasi/libc/heap.ts';
import { compactHeap } from './compact-heap.ts';

/** Cleans up after boot: what is free now is not copied into every child that writes beside it. */
export function settle(): void {
  compactHeap();
  plugHeap();
}

import { libc } from './library.ts';

/** Gives what libc's allocator holds free back to the kernel. */
export function trimHeap(): void {
  libc.malloc_trim(0n);
}

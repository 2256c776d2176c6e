import { libc } from './library.ts';

/** Gives what libc's allocator holds free back to the kernel. */
export function trimHeap(): void {
  libc.malloc_trim(0n);
}

const largest = 64 * 1024;
const smallest = 16;

/**
 * Takes all that libc's allocator holds free between what is used, for good: what a forked process
 * allocates then lies side by side at the end of the heap, rather than in holes all over it, each
 * on a page that it would no longer share.
 */
export function plugHeap(): void {
  trimHeap();
  const end = libc.sbrk(0n);
  for (let size = largest; size >= smallest; size = smaller(size)) {
    for (;;) {
      const chunk = libc.malloc(BigInt(size));
      if (chunk < end) continue;
      libc.free(chunk);
      break;
    }
  }
}

/** The allocator's own steps where they are small; coarser ones above. */
function smaller(size: number): number {
  return size <= 1024 ? size - 16 : (size * 0.875) & ~15;
}

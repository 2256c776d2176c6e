import { readFileSync } from 'node:fs';
import { libc } from './library.ts';

const protNone = 0;
const flags = 0x10_4022; // MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE
const end = 0x4000_0000_0000n;
const roomForHeap = 0x10_0000_0000n;

export function narrowAddressSpace(): void {
  let from = 0n;
  for (const line of readFileSync('/proc/self/maps', 'latin1').split('\n')) {
    const range = /^([0-9a-f]+)-([0-9a-f]+) /.exec(line);
    const [start, next] = range ? [BigInt(`0x${range[1]}`), BigInt(`0x${range[2]}`)] : [end, end];
    const stop = start < end ? start : end;
    if (from < roomForHeap) from = next < roomForHeap ? roomForHeap : next;
    else {
      if (stop > from) libc.mmap(from, stop - from, protNone, flags, -1, 0n);
      from = next;
    }
    if (start >= end) break;
  }
}

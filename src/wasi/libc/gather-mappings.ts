import { readFileSync } from 'node:fs';
import { libc } from './library.ts';

/** Above it are the programs' own mappings, which V8 does not ask for addresses among. */
const lastAddress = 0x4000_0000_0000n;
/** Below it are the program and its heap, which grows upwards. */
const firstAddress = 0x10_0000_0000n;

const protNone = 0;
const mapPrivate = 0x2;
const mapAnonymous = 0x20;
const mapNoReserve = 0x4000;
const mapFixedNoReplace = 0x10_0000;
const reservation = mapPrivate | mapAnonymous | mapNoReserve | mapFixedNoReplace;

/**
 * Makes the mappings that this process makes from now on lie side by side, as far as they are not
 * asked to be elsewhere for good.
 *
 * V8 asks for an address drawn from 64 TiB for each 256 KiB of its heap: with up to three pages of
 * page tables for each, and every forked process has page tables of its own. Where that address is
 * taken, the kernel chooses, and it begins where the last mapping ended. So they are all taken:
 * reserving them costs nothing. Where the process may not, everything stays as it is.
 */
export function gatherMappings(): void {
  let free = firstAddress;
  for (const [start, end] of [...mappings(), [lastAddress, lastAddress] as const]) {
    const next = start < lastAddress ? start : lastAddress;
    if (next > free) libc.mmap(free, next - free, protNone, reservation, -1, 0n);
    if (end > free) free = end;
  }
}

/** Where this process's mappings begin and end, in ascending order. */
function mappings(): (readonly [start: bigint, end: bigint])[] {
  const lines = readFileSync('/proc/self/maps', 'latin1').trimEnd().split('\n');
  return lines.map((line) => {
    const [start = '', end = ''] = line.slice(0, line.indexOf(' ')).split('-');
    return [BigInt(`0x${start}`), BigInt(`0x${end}`)];
  });
}

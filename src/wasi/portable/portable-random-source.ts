import { randomFillSync } from 'node:crypto';
import { errno } from '../errno.ts';
import type { GuestMemory } from '../guest-memory.ts';
import type { RandomSource } from '../system/random-source.ts';

/** More at once is refused by `node:crypto`. */
const largest = 2 ** 31 - 1;

/** Random numbers by `node:crypto`. */
export class PortableRandomSource implements RandomSource {
  fill(memory: GuestMemory, pointer: number, length: number): number {
    const end = pointer + length;
    for (let at = pointer; at < end; at += largest) {
      randomFillSync(memory.bytes, at, Math.min(largest, end - at));
    }
    return errno.success;
  }
}

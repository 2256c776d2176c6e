import { getRawPointer } from 'node:ffi';
import type { GuestMemory } from '../guest-memory.ts';

/**
 * Where guest memory is in the process, so that system calls read and write it without a copy.
 * The address is asked for anew whenever the memory has grown, in case the engine moved it. Hand
 * the kernel only ranges that {@link GuestMemory.covers} has said yes to.
 */
export class GuestAddress {
  #buffer: ArrayBuffer | undefined;
  #base = 0n;

  of(memory: GuestMemory, pointer: number): bigint {
    if (memory.buffer !== this.#buffer) {
      this.#buffer = memory.buffer;
      this.#base = getRawPointer(memory.buffer);
    }
    return this.#base + BigInt(pointer);
  }
}

import { errno } from './errno.ts';
import type { GuestMemory } from './guest-memory.ts';

/** What one vectored call may hold, as `IOV_MAX` has it; more make a short transfer. */
export const maxVectors = 1024;

/** What Linux transfers at most in one call. */
const maxTransfer = 0x7fff_f000;

const vectorSize = 8;

/**
 * The scatter/gather list of one call, checked against guest memory. One instance serves all the
 * calls of a host, one after the other.
 *
 * A list that is longer than {@link maxVectors}, or that names more than 2 GiB, is cut short: a
 * guest sees the short read or write that POSIX allows.
 */
export class IoVectors {
  readonly pointers = new Uint32Array(maxVectors);
  readonly lengths = new Uint32Array(maxVectors);
  count = 0;

  /**
   * Reads `count` vectors at `pointer`.
   *
   * @returns `success`, or `fault` where the list or a vector in it lies outside of memory
   */
  take(memory: GuestMemory, pointer: number, count: number): number {
    if (!memory.covers(pointer, count * vectorSize)) return errno.fault;
    const taken = Math.min(count, maxVectors);
    let room = maxTransfer;
    for (let index = 0, at = pointer; index < taken; index += 1, at += vectorSize) {
      const start = memory.view.getUint32(at, true);
      const length = memory.view.getUint32(at + 4, true);
      if (!memory.covers(start, length)) return errno.fault;
      this.pointers[index] = start;
      this.lengths[index] = Math.min(length, room);
      room -= Math.min(length, room);
    }
    this.count = taken;
    return errno.success;
  }

  /** The vectors as parts of memory, in their order. Valid until the guest runs again. */
  *parts(memory: GuestMemory): Generator<Buffer> {
    for (let index = 0; index < this.count; index += 1) {
      const start = this.pointers[index] ?? 0;
      yield memory.bytes.subarray(start, start + (this.lengths[index] ?? 0));
    }
  }
}

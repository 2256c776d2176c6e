import type { GuestMemory } from '../guest-memory.ts';

export interface RandomSource {
  /**
   * Fills guest memory, already checked, with bytes of cryptographic quality.
   *
   * @returns an error number
   */
  fill(memory: GuestMemory, pointer: number, length: number): number;
}

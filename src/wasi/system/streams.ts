import type { GuestMemory } from '../guest-memory.ts';
import type { IoVectors } from '../io-vectors.ts';
import type { Handle } from './system.ts';

/** Where an offset starts from, by preview1's numbers. */
export const whence = { set: 0, cur: 1, end: 2 } as const;

/** Bytes in and out of anything open. The vectors have been checked against the memory. */
export interface Streams {
  /** @returns how many bytes were read, 0 at the end, or a negated error number */
  read(handle: Handle, memory: GuestMemory, vectors: IoVectors): number;

  /** @returns how many bytes were written, or a negated error number */
  write(handle: Handle, memory: GuestMemory, vectors: IoVectors): number;

  /** As {@link read}, at an offset, leaving the position; `spipe` where there is none. */
  readAt(handle: Handle, memory: GuestMemory, vectors: IoVectors, offset: bigint): number;

  /** As {@link write}, at an offset, leaving the position; `spipe` where there is none. */
  writeAt(handle: Handle, memory: GuestMemory, vectors: IoVectors, offset: bigint): number;

  /** @returns the new position, or a negated error number */
  seek(handle: Handle, offset: bigint, whence: number): bigint;

  /** @returns an error number; the handle is gone whatever it says */
  close(handle: Handle): number;
}

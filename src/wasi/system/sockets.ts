import type { GuestMemory } from '../guest-memory.ts';
import type { IoVectors } from '../io-vectors.ts';
import type { Handle } from './system.ts';

/** Flags of {@link Sockets.receive}, by preview1's bits. */
export const receiveFlag = { peek: 1, waitAll: 2 } as const;

/** Directions of {@link Sockets.shutdown}, by preview1's bits. */
export const shutdownFlag = { read: 1, write: 2 } as const;

/** Sockets that somebody else has opened. On anything else every call answers `notsock`. */
export interface Sockets {
  /** @returns the handle of the next connection, or a negated error number */
  accept(listener: Handle, nonblock: boolean): Handle;

  /** @returns how many bytes were received, 0 at the end, or a negated error number */
  receive(handle: Handle, memory: GuestMemory, vectors: IoVectors, flags: number): number;

  /** Whether the last {@link receive} cut a datagram short. */
  readonly truncated: boolean;

  /** @returns how many bytes were sent, or a negated error number; no signal is raised */
  send(handle: Handle, memory: GuestMemory, vectors: IoVectors): number;

  /** @returns an error number */
  shutdown(handle: Handle, how: number): number;
}

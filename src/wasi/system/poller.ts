import type { Handle } from './system.ts';

/** Waits for handles to become ready. */
export interface Poller {
  /**
   * Waits until an interest is ready, or until `timeout` nanoseconds have passed; without a
   * timeout for ever. Fills in `ready`, `error` and `hangup` of each interest.
   *
   * @returns how many are ready, 0 after the timeout, or a negated error number
   */
  wait(interests: readonly PollInterest[], timeout: bigint | undefined): number;

  /** How many bytes can be read from a handle at once; 0 where that cannot be told. */
  bytesReadable(handle: Handle): bigint;
}

/** What is waited for on one handle, and what came of it. */
export class PollInterest {
  readonly handle: Handle;
  readonly kind: 'read' | 'write';
  ready = false;
  /** An error number for this handle alone. */
  error = 0;
  /** Whether the other side is gone. */
  hangup = false;

  constructor(handle: Handle, kind: 'read' | 'write') {
    this.handle = handle;
    this.kind = kind;
  }
}

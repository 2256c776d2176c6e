import type { Poller, PollInterest } from '../system/poller.ts';

/**
 * Waits for time alone: `node:fs` cannot tell whether a descriptor is ready, so each is said to be
 * so at once, and what then reads it waits.
 */
export class PortablePoller implements Poller {
  readonly #never = new Int32Array(new SharedArrayBuffer(4));

  wait(interests: readonly PollInterest[], timeout: bigint | undefined): number {
    for (const interest of interests) interest.ready = true;
    if (interests.length === 0 && timeout !== undefined) {
      Atomics.wait(this.#never, 0, 0, Math.ceil(Number(timeout) / 1e6));
    }
    return interests.length;
  }

  bytesReadable(): bigint {
    return 0n;
  }
}

import type { AbortOptions } from '../kubernetes/abort-options.ts';

/** Wakes one waiter: rings that come while nobody waits are kept as one. */
export class Doorbell {
  #hasRung = false;
  #waiting: (() => void) | undefined;

  /** Wakes the waiter, or the next one. */
  ring(): void {
    this.#hasRung = true;
    this.#waiting?.();
  }

  /** Resolves at the next ring, at once where there was one; also when the signal aborts. */
  async wait({ signal }: AbortOptions = {}): Promise<void> {
    if (!this.#hasRung && !signal?.aborted) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#waiting = resolve;
      signal?.addEventListener('abort', resolve as () => void, { once: true });
      await promise;
      signal?.removeEventListener('abort', resolve as () => void);
      this.#waiting = undefined;
    }
    this.#hasRung = false;
  }
}

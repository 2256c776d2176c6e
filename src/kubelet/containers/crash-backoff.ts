const firstDelay = 10_000;
const maxDelay = 300_000;

/**
 * How long a container that ended waits before it is started again, as stock kubelets count it:
 * not at all the first time, then 10 s, doubled up to 5 minutes, and from the start again after it
 * has gone well for 10 minutes.
 */
export class CrashBackoff {
  readonly #maxDelay: number;
  #delay = 0;
  #updatedAt = 0;

  /** @param init the longest delay in milliseconds */
  constructor(init: { readonly maxDelay?: number } = {}) {
    this.#maxDelay = init.maxDelay ?? maxDelay;
  }

  /**
   * Counts an end and says how many milliseconds to wait from it.
   *
   * @param finishedAt when the container ended, in milliseconds since the epoch
   */
  next(finishedAt: number): number {
    const isForgotten = finishedAt - this.#updatedAt > 2 * maxDelay;
    const delay = isForgotten ? 0 : this.#delay;
    this.#delay =
      delay === 0 ? Math.min(firstDelay, this.#maxDelay) : Math.min(delay * 2, this.#maxDelay);
    this.#updatedAt = finishedAt + delay;
    return delay;
  }
}

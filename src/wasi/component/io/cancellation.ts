/** Whether the call that an instance is in shall end; most calls are never asked, and cost nothing. */
export class Cancellation {
  #controller: AbortController | undefined;
  #cancelled: { readonly reason: unknown } | undefined;
  /** Made for the first that listens: every call has a cancellation, and few wait. */
  #listeners: Set<(reason: unknown) => void> | undefined;

  /** Whether there is anybody who would be told. */
  get isAwaited(): boolean {
    return (this.#listeners?.size ?? 0) > 0;
  }

  get isCancelled(): boolean {
    return this.#cancelled !== undefined;
  }

  throwIfCancelled(): void {
    if (this.#cancelled !== undefined) throw this.#cancelled.reason;
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#cancelled !== undefined) this.#controller.abort(this.#cancelled.reason);
    }
    return this.#controller.signal;
  }

  /**
   * Calls `listener` when this is cancelled, at once if it is already; costs less than a signal.
   *
   * @returns what makes an end of that
   */
  onCancel(listener: (reason: unknown) => void): () => void {
    if (this.#cancelled !== undefined) {
      listener(this.#cancelled.reason);
      return () => undefined;
    }
    this.#listeners ??= new Set();
    const listeners = this.#listeners;
    listeners.add(listener);
    return () => listeners.delete(listener);
  }

  /** Makes the guest's pending wait, and every later one, throw `reason` through the guest. */
  cancel(reason: unknown): void {
    this.#cancelled ??= { reason };
    this.#controller?.abort(reason);
    for (const listener of this.#listeners ?? []) listener(reason);
    this.#listeners = undefined;
  }
}

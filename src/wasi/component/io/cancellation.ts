/** Whether the call that an instance is in shall end; most calls are never asked, and cost nothing. */
export class Cancellation {
  #controller: AbortController | undefined;
  #cancelled: { readonly reason: unknown } | undefined;
  readonly #listeners = new Set<(reason: unknown) => void>();

  /** Whether this may have been used, so that the next call needs another. */
  get wasAsked(): boolean {
    return this.#controller !== undefined || this.#cancelled !== undefined;
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
    if (this.#cancelled !== undefined) listener(this.#cancelled.reason);
    else this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Makes the guest's pending wait, and every later one, throw `reason` through the guest. */
  cancel(reason: unknown): void {
    this.#cancelled ??= { reason };
    this.#controller?.abort(reason);
    for (const listener of this.#listeners) listener(reason);
    this.#listeners.clear();
  }
}

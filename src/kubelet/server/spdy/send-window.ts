/**
 * How much may be sent on a stream. Unlimited until the peer shows that it does flow control:
 * the implementation that kubectl and the API server share neither sends nor heeds window
 * updates and relies on TCP alone.
 */
export class SendWindow {
  #left = Number.POSITIVE_INFINITY;
  #waiting: (() => void) | undefined;

  get open(): boolean {
    return this.#left > 0;
  }

  /** Takes up to `wanted` bytes; 0 where the window is shut. */
  take(wanted: number): number {
    const granted = Math.min(wanted, Math.max(0, this.#left));
    this.#left -= granted;
    return granted;
  }

  /** Called once the window is open again. */
  whenOpen(callback: () => void): void {
    this.#waiting = callback;
  }

  /** The peer counts: the stream starts with this many bytes. */
  limitTo(bytes: number): void {
    this.#left = bytes;
    this.#wake();
  }

  /** The peer took `delta` bytes. */
  widen(delta: number): void {
    this.#left += delta;
    this.#wake();
  }

  #wake(): void {
    if (!this.open) return;
    const callback = this.#waiting;
    this.#waiting = undefined;
    callback?.();
  }
}

import type { AbortOptions } from '../../kubernetes/abort-options.ts';

/** An object as it is now, for a state that goes on while the object changes. */
export class Manifest<T> {
  #current: T;
  #isGone = false;
  #changed = Promise.withResolvers<T>();

  constructor(current: T) {
    this.#current = current;
  }

  /** The newest version. */
  get current(): T {
    return this.#current;
  }

  /** Whether the object is no more at its source, so that nothing can be written to it. */
  get isGone(): boolean {
    return this.#isGone;
  }

  /** Resolves to the next version that comes; rejects when the signal aborts. */
  async changed({ signal }: AbortOptions = {}): Promise<T> {
    signal?.throwIfAborted();
    if (!signal) return this.#changed.promise;
    const aborted = Promise.withResolvers<never>();
    const abort = (): void => aborted.reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    try {
      return await Promise.race([this.#changed.promise, aborted.promise]);
    } finally {
      signal.removeEventListener('abort', abort);
    }
  }

  /** Takes a newer version in; who waits for one gets it. */
  update(object: T): void {
    this.#current = object;
    const { resolve } = this.#changed;
    this.#changed = Promise.withResolvers();
    resolve(object);
  }

  /** Takes in that the object is no more, and its last version. */
  remove(last: T): void {
    this.#isGone = true;
    this.update(last);
  }
}

import type { AbortOptions } from './abort-options.ts';
import { abortable } from './abortable.ts';

/** Lets so many operations run at a time, in the order they came. */
export class Semaphore {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(permits: number) {
    this.#free = permits;
  }

  async run<T>(operation: () => Promise<T>, options: AbortOptions = {}): Promise<T> {
    await this.#acquire(options);
    try {
      return await operation();
    } finally {
      this.#release();
    }
  }

  async #acquire(options: AbortOptions): Promise<void> {
    if (this.#free > 0) {
      this.#free--;
      return;
    }
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.push(resolve);
    try {
      await abortable(promise, options);
    } catch (error) {
      const place = this.#waiting.indexOf(resolve);
      if (place >= 0) this.#waiting.splice(place, 1);
      // The permit came together with the abort: the next one gets it.
      else this.#release();
      throw error;
    }
  }

  #release(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free++;
    else next();
  }
}

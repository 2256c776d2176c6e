import type { AbortOptions } from '../../src/kubernetes/abort-options.ts';
import type { Clock } from '../../src/kubernetes/clock.ts';

interface Sleeper {
  /** When it wakes up, in time that has passed: setting the clock changes nothing about it. */
  readonly at: number;
  readonly wake: () => void;
}

/** A clock whose time passes only when it is told. */
export class ManualClock implements Clock {
  /** Length of every sleep that was asked for, in order. */
  readonly sleeps: number[] = [];
  readonly #sleepers = new Set<Sleeper>();
  #passed = 0;
  #now: number;

  constructor(now = 0) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  sleep(milliseconds: number, { signal }: AbortOptions = {}): Promise<void> {
    this.sleeps.push(milliseconds);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const sleeper = { at: this.#passed + milliseconds, wake: resolve };
    this.#sleepers.add(sleeper);
    const abort = (): void => {
      this.#sleepers.delete(sleeper);
      reject(signal?.reason);
    };
    if (signal?.aborted) abort();
    signal?.addEventListener('abort', abort, { once: true });
    return promise;
  }

  /** Shows another time from now on, as when somebody sets the clock; no time passes by that. */
  set(now: number): void {
    this.#now = now;
  }

  /** Lets time pass, and what waited for it run. */
  async advance(milliseconds: number): Promise<void> {
    this.#now += milliseconds;
    this.#passed += milliseconds;
    for (const sleeper of [...this.#sleepers].sort((a, b) => a.at - b.at)) {
      if (sleeper.at > this.#passed) continue;
      this.#sleepers.delete(sleeper);
      sleeper.wake();
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
}

import type { AbortOptions } from '../../kubernetes/abort-options.ts';
import { type Clock, systemClock } from '../../kubernetes/clock.ts';
import { Backoff, type BackoffInit } from './backoff.ts';

/** All optional. */
export interface WorkQueueInit {
  /** How long a key that failed waits, by its own count of failures. @default 10 ms to 300 s */
  readonly backoff?: BackoffInit;
  /** @default the machine's clock */
  readonly clock?: Clock;
}

/**
 * Keys of objects that need work, with the semantics of client-go's workqueue: a key that is added
 * several times is handed out once; a key that is being worked on is not handed out to a second
 * worker, and is handed out again afterwards if it was added meanwhile.
 */
export class WorkQueue implements Disposable {
  readonly #init: WorkQueueInit;
  readonly #clock: Clock;
  readonly #waiting = new Set<string>();
  readonly #active = new Set<string>();
  readonly #dirty = new Set<string>();
  readonly #backoffs = new Map<string, Backoff>();
  readonly #timers = new Map<string, { at: number; abort: AbortController }>();
  readonly #takers = new Set<() => void>();

  constructor(init: WorkQueueInit = {}) {
    this.#init = init;
    this.#clock = init.clock ?? systemClock;
  }

  /** How many keys wait for a worker; those that wait for a time are not counted. */
  get length(): number {
    return this.#waiting.size;
  }

  /** Asks for work on the key as soon as a worker is free. */
  add(key: string): void {
    if (this.#active.has(key)) {
      this.#dirty.add(key);
      return;
    }
    this.#waiting.add(key);
    for (const wake of this.#takers) wake();
  }

  /** Asks for work on the key in so many milliseconds; of several such times the first counts. */
  addAfter(key: string, milliseconds: number): void {
    const at = this.#clock.now() + milliseconds;
    const timer = this.#timers.get(key);
    if (timer && timer.at <= at) return;
    timer?.abort.abort();
    const abort = new AbortController();
    this.#timers.set(key, { at, abort });
    this.#clock.sleep(milliseconds, { signal: abort.signal }).then(
      () => {
        this.#timers.delete(key);
        this.add(key);
      },
      () => {
        // Aborted: an earlier time was asked for, or the queue is disposed of.
      },
    );
  }

  /** Asks for work on a key that failed, later with every failure in a row. */
  addRateLimited(key: string): void {
    const backoff = this.#backoffs.get(key) ?? new Backoff(this.#init.backoff);
    this.#backoffs.set(key, backoff);
    this.addAfter(key, backoff.next());
  }

  /** Forgets the failures of a key, because it succeeded or is no more. */
  forget(key: string): void {
    this.#backoffs.delete(key);
  }

  /** How often the key failed in a row. */
  failures(key: string): number {
    return this.#backoffs.get(key)?.failures ?? 0;
  }

  /** Waits for a key to work on, oldest first; `done` has to be called for each. */
  async take({ signal }: AbortOptions = {}): Promise<string> {
    for (;;) {
      signal?.throwIfAborted();
      const [key] = this.#waiting;
      if (key !== undefined) {
        this.#waiting.delete(key);
        this.#active.add(key);
        return key;
      }
      await this.#added(signal);
    }
  }

  /** Says that the work on a key that was taken has ended, well or badly. */
  done(key: string): void {
    this.#active.delete(key);
    if (this.#dirty.delete(key)) this.add(key);
  }

  /** Stops all timers. */
  [Symbol.dispose](): void {
    for (const { abort } of this.#timers.values()) abort.abort();
    this.#timers.clear();
  }

  async #added(signal: AbortSignal | undefined): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const wake = (): void => resolve();
    this.#takers.add(wake);
    signal?.addEventListener('abort', wake, { once: true });
    await promise;
    this.#takers.delete(wake);
    signal?.removeEventListener('abort', wake);
  }
}

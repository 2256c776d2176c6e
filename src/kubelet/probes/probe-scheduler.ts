import type { AbortOptions } from '../../kubernetes/abort-options.ts';
import type { Clock } from '../../kubernetes/clock.ts';
import type { PodIdentity } from '../provider.ts';

/** One run of a probe. */
export interface ProbeRun {
  readonly kind: 'Startup' | 'Liveness' | 'Readiness';
  readonly pod: PodIdentity;
  readonly container: string;
  readonly ok: boolean;
  readonly seconds: number;
}

interface Waiter {
  at: number;
  readonly wake: () => void;
}

/**
 * Wakes all probes of a node with one timer: the earliest waiter has it, the others wait in line.
 */
export class ProbeScheduler {
  /** Hears of every run of a probe. */
  readonly onProbe: (run: ProbeRun) => void;
  readonly #clock: Clock;
  readonly #waiters: Waiter[] = [];
  #seen = 0;
  #timer: { readonly at: number; readonly abort: AbortController } | undefined;

  constructor(components: { readonly clock: Clock; readonly onProbe?: (run: ProbeRun) => void }) {
    this.#clock = components.clock;
    this.onProbe = components.onProbe ?? (() => undefined);
  }

  /** Milliseconds since the epoch, by the clock that probes are timed with. */
  now(): number {
    return this.#clock.now();
  }

  /** Resolves at a time in milliseconds since the epoch, or when the signal aborts. */
  async until(at: number, { signal }: AbortOptions = {}): Promise<void> {
    if (signal?.aborted || at <= this.#look()) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const waiter = { at, wake: resolve };
    const onAbort = () => this.#drop(waiter);
    signal?.addEventListener('abort', onAbort, { once: true });
    this.#insert(waiter);
    this.#arm();
    await promise;
    signal?.removeEventListener('abort', onAbort);
  }

  /** The time now. Where the clock was set back since it was last seen, everybody's time goes with it. */
  #look(earliest = this.#seen): number {
    const now = this.#clock.now();
    const back = Math.max(earliest - now, 0);
    for (const waiter of this.#waiters) waiter.at -= back;
    this.#seen = now;
    return now;
  }

  #insert(waiter: Waiter): void {
    const index = this.#waiters.findLastIndex(({ at }) => at <= waiter.at);
    this.#waiters.splice(index + 1, 0, waiter);
  }

  #drop(waiter: Waiter): void {
    const index = this.#waiters.indexOf(waiter);
    if (index >= 0) this.#waiters.splice(index, 1);
    waiter.wake();
    this.#arm();
  }

  /** Has the timer wait for the first in line. */
  #arm(): void {
    const now = this.#look();
    const [first] = this.#waiters;
    if (this.#timer?.at === first?.at) return;
    this.#timer?.abort.abort();
    this.#timer = undefined;
    if (first === undefined) return;
    const timer = { at: first.at, abort: new AbortController() };
    this.#timer = timer;
    const delay = Math.max(first.at - now, 0);
    this.#clock.sleep(delay, { signal: timer.abort.signal }).then(
      () => this.#ring(timer),
      () => undefined, // another waiter came first, or nobody waits any more
    );
  }

  #ring(timer: { readonly at: number }): void {
    if (this.#timer !== timer) return;
    this.#timer = undefined;
    // The timer's time has passed, whatever the clock shows.
    const now = this.#look(Math.max(this.#seen, timer.at));
    const late = this.#waiters.findIndex(({ at }) => at > now);
    const due = this.#waiters.splice(0, late < 0 ? this.#waiters.length : late);
    for (const { wake } of due) wake();
    this.#arm();
  }
}

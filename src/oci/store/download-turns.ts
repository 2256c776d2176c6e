import type { AbortOptions } from '../abort-options.ts';
import { type Clock, systemClock } from '../clock.ts';

/** The right to download, until somebody else has to have it. Given back when it is disposed of. */
export interface Turn extends Disposable {
  /**
   * Notes bytes that came; where others have the turn now, waits for the next one.
   *
   * @returns whether it waited
   */
  spend(bytes: number, options?: AbortOptions): Promise<boolean>;
}

export interface DownloadTurnsInit {
  /** How long a download has its turn when others wait. @default 60_000 */
  readonly turnMs?: number;
  /** How long it has it at least, however slow it is. @default 10_000 */
  readonly slowTurnMs?: number;
  /** What is slow, in bytes per second on average over its turn. @default 65_536 */
  readonly slowRate?: number;
  readonly clock?: Clock;
}

interface Holder {
  since: number;
  bytes: number;
}

interface Waiter {
  readonly holder: Holder;
  readonly admit: () => void;
}

const defaults = { turnMs: 60_000, slowTurnMs: 10_000, slowRate: 65_536 };

/**
 * Lets so many downloads run at once, in turns: while others wait, one that is slow has the turn for
 * ten seconds and any other for a minute, and then waits behind them, with its connection open and
 * what it has on the disk. So whoever waits is let in after a time that depends on how many wait and on
 * nothing that a server does.
 */
export class DownloadTurns {
  readonly #limit: number;
  readonly #init: Required<Omit<DownloadTurnsInit, 'clock'>>;
  readonly #clock: Clock;
  /** In the order in which their turns began. */
  readonly #holders = new Set<Holder>();
  readonly #waiters: Waiter[] = [];

  constructor(limit: number, { clock = systemClock, ...init }: DownloadTurnsInit = {}) {
    this.#limit = limit;
    this.#init = { ...defaults, ...init };
    this.#clock = clock;
  }

  /** Waits for a turn. */
  async take(options: AbortOptions = {}): Promise<Turn> {
    const holder = { since: 0, bytes: 0 };
    await this.#admission(holder, options);
    return {
      spend: async (bytes, later = {}) => {
        holder.bytes += bytes;
        if (this.#holders.has(holder)) return false;
        await this.#admission(holder, later);
        return true;
      },
      [Symbol.dispose]: () => {
        this.#holders.delete(holder);
        this.#admit();
      },
    };
  }

  async #admission(holder: Holder, { signal }: AbortOptions): Promise<void> {
    signal?.throwIfAborted();
    const { promise, resolve } = Promise.withResolvers<void>();
    const waiter = { holder, admit: resolve };
    this.#waiters.push(waiter);
    this.#admit();
    try {
      while (this.#waiters.includes(waiter)) {
        await this.#pause(promise, signal);
        this.#admit();
      }
      signal?.throwIfAborted();
    } catch (error) {
      const place = this.#waiters.indexOf(waiter);
      if (place >= 0) this.#waiters.splice(place, 1);
      // The turn came together with the abort: the next one gets it.
      else if (this.#holders.delete(holder)) this.#admit();
      throw error;
    }
  }

  /** Waits until it is time to look, or there is nothing to look for. */
  async #pause(admitted: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
    const enough = new AbortController();
    const signals = signal === undefined ? [enough.signal] : [enough.signal, signal];
    const asleep = this.#clock
      .sleep(this.#init.slowTurnMs / 10, { signal: AbortSignal.any(signals) })
      .catch(() => signal?.throwIfAborted());
    try {
      await Promise.race([admitted, asleep]);
    } finally {
      enough.abort();
    }
  }

  /** Gives turns to who waits: those that are free, and those that are over. */
  #admit(): void {
    const now = this.#clock.now();
    while (this.#waiters.length > 0) {
      if (this.#holders.size >= this.#limit && !this.#endOne(now)) return;
      const next = this.#waiters.shift();
      if (next === undefined) return;
      next.holder.since = now;
      next.holder.bytes = 0;
      this.#holders.add(next.holder);
      next.admit();
    }
  }

  #endOne(now: number): boolean {
    for (const holder of this.#holders) {
      if (this.#isOver(holder, now)) return this.#holders.delete(holder);
    }
    return false;
  }

  #isOver({ since, bytes }: Holder, now: number): boolean {
    const { turnMs, slowTurnMs, slowRate } = this.#init;
    const had = now - since;
    return had >= turnMs || (had >= slowTurnMs && bytes * 1000 < slowRate * had);
  }
}

import { nextTick } from 'node:process';
import { setImmediate as nextRound } from 'node:timers/promises';

/** Milliseconds in which requests begin; then those are read that have come meanwhile. */
const roundTime = 0.5;
/** Milliseconds. Requests that take less are over before it matters; made to wait, they would take longer. */
const shortRequest = 0.25;
/** Those beyond begin at once: what one connection has sent ahead is not to fill memory. */
const mostWaiting = 1024;

/**
 * Has requests begin in the order in which they have come, where guests compute for long. The event loop has those begin
 * first that were first the last time: who comes a moment later than in the round before would wait for two rounds.
 */
export class ArrivalOrder {
  readonly #now: () => number;
  readonly #waiting: (() => void)[] = [];
  #isBeginning = false;
  #roundStart = -Infinity;
  #begun = 0;
  /** Whether the event loop is still in the round that began at {@link #roundStart}. */
  #isInRound = false;

  /** @param now the milliseconds of a steady clock */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Calls `start` now, or in one of the next rounds. */
  begin(start: () => void): void {
    if (this.#waiting.length >= mostWaiting || (!this.#isBeginning && this.#hasTime())) {
      start();
      return;
    }
    this.#waiting.push(start);
    if (!this.#isBeginning) void this.#beginWaiting();
  }

  #hasTime(): boolean {
    const now = this.#now();
    if (now - this.#roundStart >= roundTime && !this.#isInRound) this.#watchRound(now);
    return this.#mayGoOn(now);
  }

  #mayGoOn(now: number): boolean {
    const elapsed = now - this.#roundStart;
    if (elapsed >= roundTime && elapsed >= this.#begun * shortRequest) return false;
    this.#begun += 1;
    return true;
  }

  #watchRound(now: number): void {
    this.#beginRound(now);
    this.#isInRound = true;
    setImmediate(this.#leaveRound);
  }

  readonly #leaveRound = (): void => {
    this.#isInRound = false;
  };

  #beginRound(now: number): void {
    this.#roundStart = now;
    this.#begun = 0;
  }

  async #beginWaiting(): Promise<void> {
    this.#isBeginning = true;
    while (this.#waiting.length > 0) {
      await nextRound();
      this.#beginRound(this.#now());
      while (this.#waiting.length > 0 && this.#mayGoOn(this.#now())) {
        this.#waiting.shift()?.();
        await new Promise<void>(nextTick); // guests compute before
      }
    }
    this.#isBeginning = false;
  }
}

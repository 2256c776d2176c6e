import { setImmediate } from 'node:timers/promises';

/** Places in the memory that the servers of a container share; after them, two of each server's own. */
const running = 0;
const waiting = 1;
const arrived = 2;
const firstOwn = 3;
const ownPlaces = 2;

export interface RequestTurnsInit {
  /** Requests that run at once. */
  readonly maximumConcurrency: number;
  /** Requests that wait for their turn. */
  readonly maximumWaiting: number;
}

/** One of several servers in the threads of a process that keep to the same limits. */
export interface TurnsShare {
  readonly memory: Int32Array<SharedArrayBuffer>;
  /** Which of them it is, from 0. */
  readonly server: number;
}

/** The memory of so many servers. */
export function turnsMemory(servers: number): Int32Array<SharedArrayBuffer> {
  const length = firstOwn + servers * ownPlaces;
  return new Int32Array(new SharedArrayBuffer(length * Int32Array.BYTES_PER_ELEMENT));
}

/** How many requests have come to all servers; the number may wrap. */
export function requestsArrived(memory: Int32Array<SharedArrayBuffer>): number {
  return Atomics.load(memory, arrived);
}

/** Takes back what a server had that has ended in the middle of its requests. */
export function forgetServer({ memory, server }: TurnsShare): void {
  for (const place of [running, waiting]) {
    const had = Atomics.exchange(memory, firstOwn + server * ownPlaces + place, 0);
    Atomics.sub(memory, place, had);
  }
  Atomics.notify(memory, running);
}

/** Has so many requests run at once as may, and the others wait: in one server, or in several together. */
export class RequestTurns {
  readonly #init: RequestTurnsInit;
  readonly #memory: Int32Array<SharedArrayBuffer>;
  readonly #own: number;
  readonly #waiting: (() => void)[] = [];
  #isWatching = false;
  #yields = false;

  constructor(init: RequestTurnsInit, share: TurnsShare = { memory: turnsMemory(1), server: 0 }) {
    this.#init = init;
    this.#memory = share.memory;
    this.#own = firstOwn + share.server * ownPlaces;
  }

  /** Calls `begin` now, or when there is a turn for it; false where too many wait. */
  admit(begin: () => void): boolean {
    Atomics.add(this.#memory, arrived, 1);
    if (this.#waiting.length === 0 && this.#take(running, this.#init.maximumConcurrency)) {
      begin();
      return true;
    }
    if (!this.#take(waiting, this.#init.maximumWaiting)) return false;
    this.#waiting.push(begin);
    void this.#watch();
    return true;
  }

  /** To be called when a request is over that has begun. */
  end(): void {
    const others = Atomics.load(this.#memory, waiting) - this.#waiting.length;
    // Where others wait too, they and those that wait here come by turns.
    this.#yields = others > 0 && !this.#yields;
    if (this.#waiting.length > 0 && !this.#yields) {
      this.#beginNext();
      return;
    }
    this.#give(running);
    // Whoever can take it: who has waited for longest may compute. One who comes now finds what was given back.
    if (others > 0 || this.#waiting.length > 0) Atomics.notify(this.#memory, running);
  }

  #beginNext(): void {
    this.#give(waiting);
    this.#waiting.shift()?.();
  }

  /** Others may end what those wait for that are here. */
  async #watch(): Promise<void> {
    if (this.#isWatching) return;
    this.#isWatching = true;
    const { maximumConcurrency } = this.#init;
    while (this.#waiting.length > 0) {
      if (this.#take(running, maximumConcurrency)) {
        this.#beginNext();
        continue;
      }
      const count = Atomics.load(this.#memory, running);
      if (count >= maximumConcurrency) {
        await Atomics.waitAsync(this.#memory, running, count).value;
        if (this.#yields) await setImmediate(); // it is the others' turn
      }
    }
    this.#isWatching = false;
  }

  #take(place: typeof running | typeof waiting, most: number): boolean {
    for (let count = Atomics.load(this.#memory, place); count < most; ) {
      const found = Atomics.compareExchange(this.#memory, place, count, count + 1);
      if (found === count) {
        Atomics.add(this.#memory, this.#own + place, 1);
        return true;
      }
      count = found;
    }
    return false;
  }

  #give(place: typeof running | typeof waiting): void {
    Atomics.sub(this.#memory, this.#own + place, 1);
    Atomics.sub(this.#memory, place, 1);
  }
}

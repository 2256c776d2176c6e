/** All optional. */
export interface BackoffInit {
  /** Milliseconds before the first try after a failure. @default 10 */
  readonly firstDelay?: number;
  /** By how much each further failure multiplies the delay. @default 2 */
  readonly factor?: number;
  /** The longest delay in milliseconds. @default 300_000 */
  readonly maxDelay?: number;
  /** Share of the delay that is drawn by chance and added, from 0. @default 0 */
  readonly jitter?: number;
  /** A number from 0 to below 1. @default Math.random */
  readonly random?: () => number;
}

/** Delays that grow with every failure, for one thing that is tried again and again. */
export class Backoff {
  readonly #init: Required<BackoffInit>;
  #failures = 0;

  constructor(init: BackoffInit = {}) {
    this.#init = {
      firstDelay: 10,
      factor: 2,
      maxDelay: 300_000,
      jitter: 0,
      random: Math.random,
      ...init,
    };
  }

  /** How many failures there were since the last success. */
  get failures(): number {
    return this.#failures;
  }

  /** Counts a failure and says how many milliseconds to wait before the next try. */
  next(): number {
    const { firstDelay, factor, maxDelay, jitter, random } = this.#init;
    const delay = Math.min(firstDelay * factor ** this.#failures, maxDelay);
    this.#failures += 1;
    return delay * (1 + jitter * random());
  }

  /** Forgets the failures: the next delay is the first one again. */
  reset(): void {
    this.#failures = 0;
  }
}

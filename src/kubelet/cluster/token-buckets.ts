/** How much each bucket lets through. */
export interface TokenBucketsInit {
  /** How many at once. */
  readonly size: number;
  /** Milliseconds until one more may pass. */
  readonly refillPeriod: number;
}

interface Bucket {
  tokens: number;
  at: number;
}

/** Limits how often something may happen, for each key by itself; forgets keys that are at rest. */
export class TokenBuckets {
  readonly #size: number;
  readonly #refillPeriod: number;
  readonly #buckets = new Map<string, Bucket>();

  constructor({ size, refillPeriod }: TokenBucketsInit) {
    this.#size = size;
    this.#refillPeriod = refillPeriod;
  }

  /** Takes one token of the key; `false` where there is none. */
  take(key: string, now: number): boolean {
    const bucket = this.#buckets.get(key) ?? { tokens: this.#size, at: now };
    // A clock that was set back refills nothing, and takes nothing.
    const refilled = bucket.tokens + Math.max(now - bucket.at, 0) / this.#refillPeriod;
    const tokens = Math.min(this.#size, refilled);
    const isAllowed = tokens >= 1;
    this.#buckets.delete(key);
    this.#buckets.set(key, { tokens: isAllowed ? tokens - 1 : tokens, at: now });
    this.#forgetFull(now);
    return isAllowed;
  }

  /** Those used longest ago come first. */
  #forgetFull(now: number): void {
    for (const [key, { at }] of this.#buckets) {
      if (now - at < this.#size * this.#refillPeriod) break;
      this.#buckets.delete(key);
    }
  }
}

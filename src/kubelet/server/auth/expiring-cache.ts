import type { Clock } from '../../../kubernetes/clock.ts';

interface Entry<Value> {
  readonly value: Value;
  readonly storedAt: number;
  readonly milliseconds: number;
}

/** Keeps answers for a while, at most so many of them: the one that was put first goes first. */
export class ExpiringCache<Value> {
  readonly #clock: Clock;
  readonly #maxEntries: number;
  readonly #entries = new Map<string, Entry<Value>>();

  constructor(components: { readonly clock: Clock }, init: { readonly maxEntries?: number } = {}) {
    this.#clock = components.clock;
    this.#maxEntries = init.maxEntries ?? 4096;
  }

  get(key: string): Value | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    const age = this.#clock.now() - entry.storedAt;
    // How old it is nobody knows where the clock was set back.
    if (age >= 0 && age < entry.milliseconds) return entry.value;
    this.#entries.delete(key);
    return undefined;
  }

  /** Keeps the value for `milliseconds`. */
  set(key: string, value: Value, milliseconds: number): void {
    this.#entries.delete(key);
    this.#entries.set(key, { value, storedAt: this.#clock.now(), milliseconds });
    const [oldest] = this.#entries.keys();
    if (this.#entries.size > this.#maxEntries && oldest !== undefined) this.#entries.delete(oldest);
  }
}

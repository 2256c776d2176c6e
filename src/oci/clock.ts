import { setTimeout as sleep } from 'node:timers/promises';
import type { AbortOptions } from './abort-options.ts';

/** Where the time comes from. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Resolves after so many milliseconds; rejects when the signal aborts. */
  sleep(milliseconds: number, options?: AbortOptions): Promise<void>;
}

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  async sleep(milliseconds, options = {}) {
    await sleep(milliseconds, undefined, options);
  },
};

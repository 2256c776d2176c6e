import { setTimeout as sleep } from 'node:timers/promises';

/** Time, as the runtime needs it; tests bring their own. */
export interface Clock {
  now(): Date;
  /** Resolves after `milliseconds`; rejects with the signal's reason when it aborts first. */
  sleep(milliseconds: number, options?: { readonly signal?: AbortSignal }): Promise<void>;
}

export const systemClock: Clock = {
  now: () => new Date(),
  sleep: (milliseconds, options) => sleep(milliseconds, undefined, options),
};

import type { Cancellation } from './cancellation.ts';
import type { Readiness } from './readiness.ts';

/** How a guest's blocking call waits: by blocking the thread, or by suspending the guest. */
export interface Waiter {
  /** Returns, or resolves, once at least one is ready; throws, or rejects, once cancelled. */
  wait(
    readinesses: readonly Readiness[],
    cancellation: Cancellation,
  ): undefined | Promise<undefined>;
}

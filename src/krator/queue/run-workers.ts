import type { WorkQueue } from './work-queue.ts';

/** Works on one key. What it throws counts as a failure: the key comes again, later each time. */
export type Work = (key: string, options: { readonly signal: AbortSignal }) => Promise<void>;

/** How many workers, until when, and who hears of failures. */
export interface RunWorkersOptions {
  /** How many keys are worked on at a time. @default 1 */
  readonly workers?: number;
  readonly signal: AbortSignal;
  /** Hears why work on a key failed; the key is tried again. */
  readonly onError: (error: unknown, key: string) => void;
}

/** Works off the queue until the signal aborts; resolves when the last worker has ended. */
export async function runWorkers(
  queue: WorkQueue,
  work: Work,
  { workers = 1, signal, onError }: RunWorkersOptions,
): Promise<void> {
  await Promise.all(Array.from({ length: workers }, runWorker));

  async function runWorker(): Promise<void> {
    while (!signal.aborted) {
      const key = await takeUnlessAborted(queue, signal);
      if (key === undefined) return;
      try {
        await work(key, { signal });
        queue.forget(key);
      } catch (error) {
        if (signal.aborted) return;
        onError(error, key);
        queue.addRateLimited(key);
      } finally {
        queue.done(key);
      }
    }
  }
}

async function takeUnlessAborted(
  queue: WorkQueue,
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    return await queue.take({ signal });
  } catch (error) {
    if (signal.aborted) return undefined;
    throw error;
  }
}

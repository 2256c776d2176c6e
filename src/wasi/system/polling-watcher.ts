import { type Poller, PollInterest } from './poller.ts';
import type { Handle } from './system.ts';
import type { Watcher } from './watcher.ts';

/**
 * How long a handle is left alone between two looks, in milliseconds, at first and at most. It
 * doubles, as what has waited for long may do so for longer.
 */
const interval = { first: 1, longest: 8 } as const;

/** Looks again and again: for where the event loop cannot be told of handles. */
export class PollingWatcher implements Watcher {
  readonly #poller: Poller;

  constructor({ poller }: { readonly poller: Poller }) {
    this.#poller = poller;
  }

  watch(handle: Handle, kind: 'read' | 'write', tell: () => void): () => void {
    const interests = [new PollInterest(handle, kind)];
    let next: number = interval.first;
    const look = () => {
      if (this.#poller.wait(interests, 0n) !== 0) {
        tell();
        return;
      }
      timer = setTimeout(look, next);
      next = Math.min(next * 2, interval.longest);
    };
    let timer = setTimeout(look, next);
    return () => clearTimeout(timer);
  }
}

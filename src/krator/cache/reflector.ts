import { isApiError } from '../../kubernetes/api/api-error.ts';
import { type KubernetesObject, keyOf } from '../../kubernetes/api/object.ts';
import type { WatchEvent } from '../../kubernetes/api/watch-event.ts';
import { type Clock, systemClock } from '../../kubernetes/clock.ts';
import { Backoff, type BackoffInit } from '../queue/backoff.ts';
import type { ListWatch } from './list-watch.ts';
import type { Store } from './store.ts';

/** What a `Reflector` needs. */
export interface ReflectorComponents<T extends KubernetesObject> {
  readonly source: ListWatch<T>;
  readonly store: Store<T, string>;
  /** @default the machine's clock */
  readonly clock?: Clock;
}

/** All optional. */
export interface ReflectorInit {
  /** Waits between failed tries. @default 800 ms doubled up to 30 s, and up to as much again */
  readonly backoff?: BackoffInit;
  /** A watch that ends sooner than this, in milliseconds, counts as failed. @default 1_000 */
  readonly shortestWatch?: number;
  /** Hears why a list or a watch failed; it is tried again. */
  readonly onError?: (error: unknown) => void;
}

/**
 * Keeps a store equal to its source: lists once, then watches from the version of the list, and
 * from the last version seen whenever a watch ends. Lists again only where the source has forgotten
 * that version. An outage is sat out with growing, jittered waits, so that its end brings no storm.
 */
export class Reflector<T extends KubernetesObject> {
  readonly #source: ListWatch<T>;
  readonly #store: Store<T, string>;
  readonly #clock: Clock;
  readonly #backoff: Backoff;
  readonly #shortestWatch: number;
  readonly #onError: (error: unknown) => void;
  /** The last version seen; absent while the objects have to be listed. */
  #version: string | undefined;
  #listedAt = 0;
  readonly #synced = Promise.withResolvers<void>();

  constructor({ source, store, clock }: ReflectorComponents<T>, init: ReflectorInit = {}) {
    this.#source = source;
    this.#store = store;
    this.#clock = clock ?? systemClock;
    this.#backoff = new Backoff({ firstDelay: 800, maxDelay: 30_000, jitter: 1, ...init.backoff });
    this.#shortestWatch = init.shortestWatch ?? 1_000;
    this.#onError = init.onError ?? (() => undefined);
  }

  /** Resolves once the store has what the first list gave. */
  get synced(): Promise<void> {
    return this.#synced.promise;
  }

  /** Reflects until the signal aborts. */
  async run({ signal }: { readonly signal: AbortSignal }): Promise<void> {
    while (!signal.aborted) {
      try {
        this.#version ??= await this.#list(signal);
        await this.#watch(this.#version, signal);
      } catch (error) {
        if (!signal.aborted) await this.#recover(error, signal);
      }
    }
  }

  async #list(signal: AbortSignal): Promise<string> {
    const { items, resourceVersion } = await this.#source.list({ signal });
    this.#store.replace(items);
    this.#listedAt = this.#clock.now();
    this.#synced.resolve();
    return resourceVersion;
  }

  /** Watches until the watch ends, and remembers the last version seen. */
  async #watch(from: string, signal: AbortSignal): Promise<void> {
    const started = this.#clock.now();
    for await (const event of this.#source.watch(from, { signal })) {
      this.#version = this.#apply(event) ?? this.#version;
      this.#backoff.reset();
    }
    if (this.#version === from && this.#clock.now() - started < this.#shortestWatch) {
      throw new Error('Cannot watch: the watch ended at once, without an event');
    }
  }

  #apply(event: WatchEvent<T>): string | undefined {
    switch (event.type) {
      case 'ADDED':
      case 'MODIFIED':
        this.#store.put(event.object);
        return event.object.metadata.resourceVersion;
      case 'DELETED':
        this.#store.remove(keyOf(event.object), event.object);
        return event.object.metadata.resourceVersion;
      case 'BOOKMARK':
        return event.resourceVersion;
      default:
        event satisfies never;
        return undefined;
    }
  }

  /** Forgets a version that the source has forgotten; waits before anything is tried again. */
  async #recover(error: unknown, signal: AbortSignal): Promise<void> {
    if (isApiError(error, 'Expired', 'Gone')) {
      this.#version = undefined;
      // A list that was too old at once would be again; any other is repeated without a wait.
      if (this.#clock.now() - this.#listedAt >= this.#shortestWatch) return;
    } else {
      this.#onError(error);
    }
    const delay = Math.max(this.#backoff.next(), retryAfter(error));
    await this.#clock.sleep(delay, { signal }).catch(ignoreAbort);

    function ignoreAbort(reason: unknown): void {
      if (!signal.aborted) throw reason;
    }
  }
}

/** Milliseconds that the server asked to wait. */
function retryAfter(error: unknown): number {
  return isApiError(error) ? (error.retryAfterSeconds ?? 0) * 1000 : 0;
}

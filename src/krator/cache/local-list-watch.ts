import type { AbortOptions } from '../../kubernetes/abort-options.ts';
import { ApiError } from '../../kubernetes/api/api-error.ts';
import { type KubernetesObject, keyOf, type ObjectList } from '../../kubernetes/api/object.ts';
import type { WatchEvent } from '../../kubernetes/api/watch-event.ts';
import type { ListWatch } from './list-watch.ts';

/** All optional. */
export interface LocalListWatchInit {
  /** How many events are remembered for watches that come late. @default 1_000 */
  readonly history?: number;
}

/** Objects of this process' own, such as those of a folder of manifests, served as an API server would. */
export class LocalListWatch<T extends KubernetesObject> implements ListWatch<T> {
  readonly #objects = new Map<string, T>();
  readonly #events: { readonly version: number; readonly event: WatchEvent<T> }[] = [];
  readonly #history: number;
  #version = 1;
  #changed = Promise.withResolvers<void>();

  constructor(init: LocalListWatchInit = {}) {
    this.#history = init.history ?? 1_000;
  }

  /** Adds the object, or takes it for the one with its key. */
  put(object: T): void {
    const key = keyOf(object);
    const type = this.#objects.has(key) ? 'MODIFIED' : 'ADDED';
    const stored = this.#stamp(object);
    this.#objects.set(key, stored);
    this.#record({ type, object: stored });
  }

  /** Removes the object with this key; nothing happens where there is none. */
  remove(key: string): void {
    const object = this.#objects.get(key);
    if (!object) return;
    this.#objects.delete(key);
    this.#record({ type: 'DELETED', object: this.#stamp(object) });
  }

  async list(): Promise<ObjectList<T>> {
    return { items: [...this.#objects.values()], resourceVersion: String(this.#version) };
  }

  async *watch(
    resourceVersion: string,
    { signal }: AbortOptions = {},
  ): AsyncGenerator<WatchEvent<T>> {
    let seen = Number(resourceVersion);
    for (;;) {
      signal?.throwIfAborted();
      const next = this.#firstAfter(seen);
      if (next) {
        seen = next.version;
        yield next.event;
      } else {
        await this.#nextChange(signal);
      }
    }
  }

  #stamp(object: T): T {
    this.#version += 1;
    return { ...object, metadata: { ...object.metadata, resourceVersion: String(this.#version) } };
  }

  #record(event: WatchEvent<T>): void {
    this.#events.push({ version: this.#version, event });
    if (this.#events.length > this.#history) this.#events.shift();
    const { resolve } = this.#changed;
    this.#changed = Promise.withResolvers();
    resolve();
  }

  #firstAfter(seen: number): { version: number; event: WatchEvent<T> } | undefined {
    if (seen === this.#version) return undefined;
    const next = this.#events.find(({ version }) => version > seen);
    if (next?.version === seen + 1) return next;
    throw new ApiError('Expired', `Watch: version ${seen} is too old`, { status: 410 });
  }

  async #nextChange(signal: AbortSignal | undefined): Promise<void> {
    const aborted = Promise.withResolvers<void>();
    const abort = (): void => aborted.resolve();
    signal?.addEventListener('abort', abort, { once: true });
    await Promise.race([this.#changed.promise, aborted.promise]);
    signal?.removeEventListener('abort', abort);
  }
}

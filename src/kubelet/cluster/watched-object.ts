import { ApiListWatch } from '../../krator/cache/api-list-watch.ts';
import { Reflector } from '../../krator/cache/reflector.ts';
import { Store } from '../../krator/cache/store.ts';
import type { ApiClient } from '../../kubernetes/api/api-client.ts';
import type { KubernetesObject } from '../../kubernetes/api/object.ts';
import type { Resource } from '../../kubernetes/api/resource.ts';
import type { NamespacedName } from '../object-reader.ts';

/** What `WatchedObject` needs. */
export interface WatchedObjectComponents<T extends KubernetesObject> {
  readonly client: ApiClient;
  readonly resource: Resource<T>;
  readonly onError: (error: unknown) => void;
}

/**
 * One object that is watched while somebody listens. The Node authorizer lets a node watch the
 * single ConfigMaps and Secrets of its pods, and no more.
 */
export class WatchedObject<T extends KubernetesObject> {
  readonly #components: WatchedObjectComponents<T>;
  readonly #reference: NamespacedName;
  readonly #listeners = new Set<() => void>();
  #store: Store<T> | undefined;
  #stop: AbortController | undefined;

  constructor(components: WatchedObjectComponents<T>, reference: NamespacedName) {
    this.#components = components;
    this.#reference = reference;
  }

  /** The object as last seen; `undefined` while it is not watched, or not yet. */
  get current(): { readonly object: T | undefined } | undefined {
    return this.#store && { object: this.#store.list()[0] };
  }

  /** How many listen. */
  get listeners(): number {
    return this.#listeners.size;
  }

  /** Watches, at least until disposed. */
  subscribe(listener: () => void): Disposable {
    const own = (): void => listener();
    this.#listeners.add(own);
    if (!this.#stop) this.#watch();
    return {
      [Symbol.dispose]: () => {
        this.#listeners.delete(own);
        if (this.#listeners.size === 0) this.#end();
      },
    };
  }

  #watch(): void {
    const { client, resource, onError } = this.#components;
    const { namespace, name } = this.#reference;
    const selection = { namespace, fieldSelector: `metadata.name=${name}` };
    const source = new ApiListWatch({ client, resource }, selection);
    const store = new Store<T>();
    const stop = new AbortController();
    this.#stop = stop;
    store.subscribe(() => this.#tell());
    const reflector = new Reflector({ source, store }, { onError });
    void reflector.synced.then(() => {
      if (stop.signal.aborted) return;
      this.#store = store;
      this.#tell();
    });
    reflector.run(stop).catch(onError);
  }

  #end(): void {
    this.#stop?.abort();
    this.#stop = undefined;
    this.#store = undefined;
  }

  #tell(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}

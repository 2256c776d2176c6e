import type { AbortOptions } from '../../kubernetes/abort-options.ts';
import type { ApiClient, ListOptions, Selection } from '../../kubernetes/api/api-client.ts';
import type { KubernetesObject, ObjectList } from '../../kubernetes/api/object.ts';
import type { Resource } from '../../kubernetes/api/resource.ts';
import type { WatchEvent } from '../../kubernetes/api/watch-event.ts';
import type { ListWatch } from './list-watch.ts';

/** What `ApiListWatch` needs. */
export interface ApiListWatchComponents<T extends KubernetesObject> {
  readonly client: ApiClient;
  readonly resource: Resource<T>;
}

/** Which objects, and what happens to those that cannot be understood. */
export type ApiListWatchInit = Selection & Pick<ListOptions, 'onUnreadable'>;

/** The objects of one kind at an API server, or those of them that are selected. */
export class ApiListWatch<T extends KubernetesObject> implements ListWatch<T> {
  readonly #client: ApiClient;
  readonly #resource: Resource<T>;
  readonly #selection: Selection;
  readonly #onUnreadable: ListOptions['onUnreadable'];

  constructor({ client, resource }: ApiListWatchComponents<T>, init: ApiListWatchInit = {}) {
    const { onUnreadable, ...selection } = init;
    this.#onUnreadable = onUnreadable;
    this.#client = client;
    this.#resource = resource;
    this.#selection = selection;
  }

  list(options: AbortOptions = {}): Promise<ObjectList<T>> {
    return this.#client.list(this.#resource, this.#selection, this.#with(options));
  }

  watch(resourceVersion: string, options: AbortOptions = {}): AsyncIterable<WatchEvent<T>> {
    const all = this.#with(options);
    return this.#client.watch(this.#resource, this.#selection, resourceVersion, all);
  }

  #with({ signal }: AbortOptions): ListOptions {
    return { signal, onUnreadable: this.#onUnreadable };
  }
}

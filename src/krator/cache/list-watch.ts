import type { AbortOptions } from '../../kubernetes/abort-options.ts';
import type { KubernetesObject, ObjectList } from '../../kubernetes/api/object.ts';
import type { WatchEvent } from '../../kubernetes/api/watch-event.ts';

/**
 * Where a `Reflector` gets its objects: a collection that can be listed, and watched from the
 * version that the list was of. An API server is one, a folder of manifests another.
 */
export interface ListWatch<T extends KubernetesObject> {
  /** Lists all objects. Called at start, and again whenever a watch cannot go on. */
  list(options?: AbortOptions): Promise<ObjectList<T>>;

  /**
   * Yields what happened after the version, in order. Ends normally when the source wants to be
   * asked again from the last version seen; throws an `ApiError` with the code `Expired` or `Gone`
   * when it no longer knows the version, so that the objects have to be listed again.
   */
  watch(resourceVersion: string, options?: AbortOptions): AsyncIterable<WatchEvent<T>>;
}

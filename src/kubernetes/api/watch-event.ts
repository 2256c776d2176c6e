import type { KubernetesObject } from './object.ts';

/** One event of a watch; a watch's own error is thrown, not an event. */
export type WatchEvent<T extends KubernetesObject> =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: T }
  /** Nothing changed: everything up to this version has been seen. */
  | { readonly type: 'BOOKMARK'; readonly resourceVersion: string };

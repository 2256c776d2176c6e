/** A change to an object, in one of the API server's four ways. */
export type Patch =
  /** RFC 7386: fields that are `null` are removed, lists are replaced as a whole. */
  | { readonly kind: 'merge'; readonly body: object }
  /** As merge, but lists whose items have a key are merged by it. */
  | { readonly kind: 'strategic'; readonly body: object }
  /** RFC 6902. */
  | { readonly kind: 'json'; readonly body: readonly JsonPatchOperation[] }
  /** Server-side apply: the fields that this manager wants, and no others. */
  | { readonly kind: 'apply'; readonly body: object; readonly force?: boolean };

/** One step of an RFC 6902 patch. */
export type JsonPatchOperation =
  | { readonly op: 'add' | 'replace' | 'test'; readonly path: string; readonly value: unknown }
  | { readonly op: 'remove'; readonly path: string }
  | { readonly op: 'move' | 'copy'; readonly from: string; readonly path: string };

/** Media type by which the API server tells the ways apart. */
export const patchMediaTypes = {
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  json: 'application/json-patch+json',
  apply: 'application/apply-patch+yaml',
} as const satisfies Record<Patch['kind'], string>;

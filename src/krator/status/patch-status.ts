import type { AbortOptions } from '../../kubernetes/abort-options.ts';
import type { ApiClient } from '../../kubernetes/api/api-client.ts';
import { isApiError } from '../../kubernetes/api/api-error.ts';
import type { KubernetesObject } from '../../kubernetes/api/object.ts';
import type { Resource } from '../../kubernetes/api/resource.ts';
import { type StatusShape, strategicDiff } from './strategic-diff.ts';

/** What `patchStatus` needs. */
export interface PatchStatusComponents<T extends KubernetesObject> {
  readonly client: ApiClient;
  readonly resource: Resource<T>;
  readonly shape: StatusShape;
}

/** An object, the status it has, and the one it shall have. */
export interface StatusChange<T> {
  readonly object: T;
  readonly observed: object;
  readonly wanted: object;
}

/**
 * Writes the difference between two statuses, and only where there is one, to the object with the
 * same `uid`. Gives the object as it is then; `undefined` where it is no more, or another one has
 * its name by now.
 */
export async function patchStatus<T extends KubernetesObject>(
  { client, resource, shape }: PatchStatusComponents<T>,
  { object, observed, wanted }: StatusChange<T>,
  options: AbortOptions = {},
): Promise<T | undefined> {
  const status = strategicDiff({ ...observed }, { ...wanted }, shape);
  if (!status) return object;
  const { metadata } = object;
  const patch = { kind: 'strategic', body: { metadata: { uid: metadata.uid }, status } } as const;
  try {
    return await client.patch(resource, metadata, patch, { ...options, subresource: 'status' });
  } catch (error) {
    if (isApiError(error, 'NotFound') || isOtherObject(error)) return undefined;
    throw error;
  }
}

function isOtherObject(error: unknown): boolean {
  return isApiError(error, 'Conflict') && error.message.includes('UID in precondition');
}

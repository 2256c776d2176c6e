import { isObject } from '../../kubernetes/is-object.ts';

/** Which pod it is, of one that may not be readable as a whole. */
export interface PodSubject {
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
  readonly resourceVersion?: string | undefined;
  /** There where the pod is to be deleted. */
  readonly deletionTimestamp?: string | undefined;
  readonly deletionGracePeriodSeconds?: number | undefined;
}

/** Reads that much of a pod; `undefined` where it does not even have a name. */
export function podSubject(object: unknown): PodSubject | undefined {
  if (!isObject(object) || !isObject(object.metadata)) return undefined;
  const { name, namespace, uid, resourceVersion, deletionTimestamp, deletionGracePeriodSeconds } =
    object.metadata;
  if (!isText(name) || !isText(namespace)) return undefined;
  return {
    name,
    namespace,
    uid: isText(uid) ? uid : '',
    ...(isText(resourceVersion) && { resourceVersion }),
    ...(isText(deletionTimestamp) && { deletionTimestamp }),
    ...(typeof deletionGracePeriodSeconds === 'number' && { deletionGracePeriodSeconds }),
  };
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

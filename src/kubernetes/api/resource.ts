import { isObject } from '../is-object.ts';
import { ApiError } from './api-error.ts';
import type { KubernetesObject, ObjectReference } from './object.ts';

/** A kind of object the API server knows, and how this program understands one. */
export interface Resource<T extends KubernetesObject> {
  /** `v1`, or group and version such as `coordination.k8s.io/v1`. */
  readonly apiVersion: string;
  readonly kind: string;
  /** The kind's name in URLs, such as `pods`. */
  readonly plural: string;
  readonly namespaced: boolean;
  /** Types what came from outside; throws where it is not such an object. */
  readonly parse: (value: unknown) => T;
}

/** Path of a collection, of one object in it, or of an object's subresource. */
export function resourcePath(
  resource: Resource<KubernetesObject>,
  place: Partial<ObjectReference> = {},
  subresource?: string,
): string {
  const root = resource.apiVersion.includes('/') ? '/apis' : '/api';
  const scope = resource.namespaced && place.namespace ? ['namespaces', place.namespace] : [];
  const object = place.name === undefined ? [] : [place.name];
  const parts = [...scope, resource.plural, ...object, ...(subresource ? [subresource] : [])];
  return [root, resource.apiVersion, ...parts.map(encodeURIComponent)].join('/');
}

/**
 * A parser for kinds whose fields the API server has validated already: it checks what every
 * object has and trusts the rest.
 */
export function parserOf<T extends KubernetesObject>(kind: string): (value: unknown) => T {
  return (value) => {
    if (isObject(value) && isObject(value.metadata)) {
      // The API server checks the kind's own fields against its schema before it stores them.
      if (typeof value.metadata.name === 'string') return value as unknown as T;
    }
    throw new ApiError('InvalidResponse', `Cannot read ${kind}: metadata.name is missing`);
  };
}

/** As {@link parserOf}, without what is most of many objects and nobody asks for: their history. */
export function leanParserOf<T extends KubernetesObject>(kind: string): (value: unknown) => T {
  const parse = parserOf<T>(kind);
  return (value) => {
    const object = parse(value);
    const metadata = { ...object.metadata, managedFields: undefined, annotations: undefined };
    return { ...object, metadata };
  };
}

import type { ApiClient } from '../../src/kubernetes/api/api-client.ts';
import type { KubernetesObject } from '../../src/kubernetes/api/object.ts';
import { parserOf, type Resource } from '../../src/kubernetes/api/resource.ts';

/** An object of any kind. */
export type AnyObject = KubernetesObject & {
  readonly apiVersion: string;
  readonly kind: string;
  readonly [field: string]: unknown;
};

/** Creates the object, or makes it what it should be, as `kubectl apply --server-side` does. */
export async function applyObject(client: ApiClient, object: AnyObject): Promise<void> {
  const resource: Resource<KubernetesObject> = {
    apiVersion: object.apiVersion,
    kind: object.kind,
    plural: `${object.kind.toLowerCase()}s`,
    namespaced: object.metadata.namespace !== undefined,
    parse: parserOf(object.kind),
  };
  await client.patch(resource, object.metadata, { kind: 'apply', body: object, force: true });
}

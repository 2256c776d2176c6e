import type { KubernetesObject } from '../../../kubernetes/api/object.ts';
import { leanParserOf, type Resource } from '../../../kubernetes/api/resource.ts';

/** discovery.k8s.io/v1 EndpointSlice, as far as connections need it. */
export interface EndpointSlice extends KubernetesObject {
  readonly addressType: 'IPv4' | 'IPv6' | 'FQDN';
  readonly endpoints?: readonly Endpoint[] | null;
  readonly ports?: readonly EndpointPort[] | null;
}

/** discovery.k8s.io/v1 Endpoint. */
export interface Endpoint {
  /** All of one endpoint; kube-proxy uses the first, too. */
  readonly addresses: readonly string[];
  readonly conditions?: {
    /** @default true */
    readonly ready?: boolean | null;
    readonly serving?: boolean | null;
    readonly terminating?: boolean | null;
  };
  readonly nodeName?: string;
}

/** discovery.k8s.io/v1 EndpointPort. */
export interface EndpointPort {
  readonly name?: string | null;
  readonly port?: number | null;
  readonly protocol?: string | null;
}

export const endpointSlices: Resource<EndpointSlice> = {
  apiVersion: 'discovery.k8s.io/v1',
  namespaced: true,
  kind: 'EndpointSlice',
  plural: 'endpointslices',
  parse: leanParserOf('EndpointSlice'),
};

/** `namespace/name` of the Service that a slice belongs to; undefined for one of nobody's. */
export function serviceOf({ metadata: { namespace, labels = {} } }: EndpointSlice) {
  const name = labels['kubernetes.io/service-name'];
  return name === undefined ? undefined : `${namespace}/${name}`;
}

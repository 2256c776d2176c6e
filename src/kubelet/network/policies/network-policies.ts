import type { KubernetesObject } from '../../../kubernetes/api/object.ts';
import { leanParserOf, type Resource } from '../../../kubernetes/api/resource.ts';
import type { LabelSelector } from './label-selector.ts';

/** networking.k8s.io/v1 NetworkPolicy. */
export interface NetworkPolicy extends KubernetesObject {
  readonly spec?: {
    readonly podSelector?: LabelSelector | null;
    readonly policyTypes?: readonly string[] | null;
    readonly ingress?: readonly IngressRule[] | null;
    readonly egress?: readonly EgressRule[] | null;
  };
}

interface IngressRule {
  readonly from?: readonly NetworkPolicyPeer[] | null;
  readonly ports?: readonly NetworkPolicyPort[] | null;
}

interface EgressRule {
  readonly to?: readonly NetworkPolicyPeer[] | null;
  readonly ports?: readonly NetworkPolicyPort[] | null;
}

/** networking.k8s.io/v1 NetworkPolicyPeer. */
export interface NetworkPolicyPeer {
  readonly podSelector?: LabelSelector | null;
  readonly namespaceSelector?: LabelSelector | null;
  readonly ipBlock?: { readonly cidr: string; readonly except?: readonly string[] | null } | null;
}

/** networking.k8s.io/v1 NetworkPolicyPort. */
export interface NetworkPolicyPort {
  /** @default 'TCP' */
  readonly protocol?: string | null;
  /** A number, or the name of a port of the pod that listens. @default all */
  readonly port?: number | string | null;
  readonly endPort?: number | null;
}

export const networkPolicies: Resource<NetworkPolicy> = {
  apiVersion: 'networking.k8s.io/v1',
  namespaced: true,
  kind: 'NetworkPolicy',
  plural: 'networkpolicies',
  parse: leanParserOf('NetworkPolicy'),
};

/** core/v1 Namespace: of a namespace only its labels count. */
export const namespaces: Resource<KubernetesObject> = {
  apiVersion: 'v1',
  namespaced: false,
  kind: 'Namespace',
  plural: 'namespaces',
  parse: leanParserOf('Namespace'),
};

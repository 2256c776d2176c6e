import { pods } from '../../src/kubelet/cluster/core-resources.ts';
import type { KubernetesObject } from '../../src/kubernetes/api/object.ts';
import { parserOf, type Resource } from '../../src/kubernetes/api/resource.ts';

/** What the benchmark reads of a pod. */
export interface PlainPod extends KubernetesObject {
  readonly spec: object;
  readonly status?: { readonly phase?: string };
}

/** Pods as the API server has them, without the time that parsing them takes. */
export const plainPods: Resource<PlainPod> = { ...pods, parse: parserOf<PlainPod>('Pod') };

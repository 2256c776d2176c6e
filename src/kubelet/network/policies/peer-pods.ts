import * as v from 'valibot';
import type { KubernetesObject } from '../../../kubernetes/api/object.ts';
import type { Resource } from '../../../kubernetes/api/resource.ts';
import { isEnd } from '../../pods/schema/pod-status.ts';

/** A pod of the cluster, as far as policies ask for it: of thousands no more is kept. */
export interface PeerPod extends KubernetesObject {
  readonly labels: Readonly<Record<string, string>>;
  /** Empty where the pod has none of its own, or none any more. */
  readonly addresses: readonly string[];
  readonly ports: readonly NamedPort[];
}

export interface NamedPort {
  readonly name: string;
  readonly port: number;
  readonly protocol: string;
}

const container = v.object({
  ports: v.optional(
    v.array(
      v.object({
        name: v.optional(v.string()),
        containerPort: v.number(),
        protocol: v.optional(v.string(), 'TCP'),
      }),
    ),
    [],
  ),
});

const pod = v.object({
  metadata: v.object({
    name: v.string(),
    namespace: v.string(),
    uid: v.optional(v.string()),
    resourceVersion: v.optional(v.string()),
    labels: v.optional(v.record(v.string(), v.string()), {}),
  }),
  spec: v.object({
    hostNetwork: v.optional(v.boolean(), false),
    containers: v.array(container),
    initContainers: v.optional(v.array(container), []),
  }),
  status: v.optional(
    v.object({
      phase: v.optional(v.string()),
      podIPs: v.optional(v.array(v.object({ ip: v.string() })), []),
    }),
    {},
  ),
});

/** The pods of all nodes. */
export const peerPods: Resource<PeerPod> = {
  apiVersion: 'v1',
  namespaced: true,
  kind: 'Pod',
  plural: 'pods',
  parse: parsePeerPod,
};

function parsePeerPod(value: unknown): PeerPod {
  const { metadata, spec, status } = v.parse(pod, value);
  const { labels, ...identity } = metadata;
  const isOwn = !spec.hostNetwork && !isEnd(status.phase);
  return {
    metadata: identity,
    labels,
    addresses: isOwn ? (status.podIPs ?? []).map(({ ip }) => ip) : [],
    ports: [...spec.initContainers, ...spec.containers].flatMap(({ ports }) =>
      ports.flatMap(({ name, containerPort: port, protocol }) =>
        name === undefined ? [] : [{ name, port, protocol }],
      ),
    ),
  };
}

/** Whether two states of a pod mean the same to policies. */
export function isSamePeer(one: PeerPod, other: PeerPod): boolean {
  const text = ({ labels, addresses, ports }: PeerPod) =>
    JSON.stringify([labels, addresses, ports]);
  return text(one) === text(other);
}

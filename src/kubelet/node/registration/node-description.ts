import { isIP } from 'node:net';
import type {
  Node,
  NodeAddress,
  NodeImage,
  NodeStatus,
  NodeSystemInfo,
  RuntimeHandler,
  Taint,
} from '../../../kubernetes/resources/node.ts';
import type { ResourceList } from '../machine/capacity.ts';

/** All that is true of the node and does not change while it runs. */
export interface NodeDescription {
  readonly nodeName: string;
  readonly hostname: string;
  /** The primary address first. */
  readonly nodeIPs: readonly string[];
  /** Port of the node's own server. */
  readonly port: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly Taint[];
  readonly capacity: ResourceList;
  readonly allocatable: ResourceList;
  readonly systemInfo: NodeSystemInfo;
  /** Names that a RuntimeClass may give as its handler. */
  readonly runtimeHandlers: readonly string[];
  /** Features of pods that the scheduler may count on, sorted. */
  readonly declaredFeatures: readonly string[];
}

/** Annotation by which the attach-detach controller knows that it may act for this node. */
const managedAttach = { 'volumes.kubernetes.io/controller-managed-attach-detach': 'true' };

/** The Node as it is created, where there is none; conditions come with the first status. */
export function newNode(description: NodeDescription): Node {
  return {
    metadata: {
      name: description.nodeName,
      labels: labelsOf(description),
      annotations: managedAttach,
    },
    spec: { taints: description.taints },
    status: statusOf(description, []),
  };
}

/** The labels that the Node must have, those of others left alone. */
export function labelsOf({ hostname, labels }: NodeDescription): Record<string, string> {
  return { 'kubernetes.io/hostname': hostname, ...labels };
}

/** The part of the Node's status that says what the node is. */
export function statusOf(description: NodeDescription, images: readonly NodeImage[]): NodeStatus {
  return {
    capacity: description.capacity,
    allocatable: description.allocatable,
    addresses: addressesOf(description),
    daemonEndpoints: { kubeletEndpoint: { Port: description.port } },
    nodeInfo: description.systemInfo,
    runtimeHandlers: description.runtimeHandlers.map(toRuntimeHandler),
    declaredFeatures: description.declaredFeatures,
    images,
  };
}

function addressesOf({ nodeIPs, hostname }: NodeDescription): readonly NodeAddress[] {
  const internal = nodeIPs.map((address) => ({ type: 'InternalIP', address }) as const);
  const isName = isIP(hostname) === 0;
  return [...internal, ...(isName ? [{ type: 'Hostname', address: hostname } as const] : [])];
}

function toRuntimeHandler(name: string): RuntimeHandler {
  return { name, features: { recursiveReadOnlyMounts: false, userNamespaces: false } };
}

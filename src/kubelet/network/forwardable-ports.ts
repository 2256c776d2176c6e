import type { Pod } from '../pods/schema/pod.ts';

/**
 * The TCP ports that are the pod's at its address; `undefined` where all of them are. A pod that shares
 * the node's address without having asked for that has only those that its containers declare: what
 * else listens there is the node's or another pod's.
 */
export function forwardablePorts(
  { spec }: Pod,
  address: string,
  hostIPs: readonly string[],
): ReadonlySet<number> | undefined {
  if (spec.hostNetwork || !hostIPs.includes(address)) return undefined;
  const ports = [...spec.initContainers, ...spec.containers].flatMap(
    (container) => container.ports,
  );
  const tcp = ports.filter(({ protocol }) => protocol === 'TCP');
  return new Set(tcp.map(({ containerPort }) => containerPort));
}

import type { Pod } from '../pods/schema/pod.ts';

/** A port of the node that a pod wants for itself. */
interface HostPort {
  readonly address: string;
  readonly protocol: string;
  readonly port: number;
}

const anyAddress = new Set(['', '0.0.0.0', '::']);

/** Whether two pods want the same port of the node. */
export function hostPortsCollide(one: Pod, other: Pod): boolean {
  const taken = hostPortsOf(other);
  return hostPortsOf(one).some((wanted) => taken.some((port) => collide(wanted, port)));
}

function hostPortsOf({ spec }: Pod): readonly HostPort[] {
  return [...spec.initContainers, ...spec.containers]
    .flatMap(({ ports }) => ports)
    .flatMap(({ hostPort = 0, hostIP = '', protocol }) =>
      hostPort === 0 ? [] : [{ address: hostIP, protocol, port: hostPort }],
    );
}

function collide(one: HostPort, other: HostPort): boolean {
  return (
    one.port === other.port &&
    one.protocol === other.protocol &&
    (one.address === other.address || anyAddress.has(one.address) || anyAddress.has(other.address))
  );
}

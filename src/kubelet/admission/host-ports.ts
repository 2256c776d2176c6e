import type { Pod } from '../pods/schema/pod.ts';

/** A port of the node that a pod wants for itself. */
export interface HostPort {
  readonly address: string;
  readonly protocol: string;
  readonly port: number;
}

const anyAddress = new Set(['', '0.0.0.0', '::']);

/** Whether a port that is wanted is among those that are taken. */
export function hostPortsCollide(wanted: readonly HostPort[], taken: readonly HostPort[]): boolean {
  return wanted.some((one) => taken.some((other) => collide(one, other)));
}

/** The ports of the node that a pod wants; few pods want any. */
export function hostPortsOf({ spec }: Pod): readonly HostPort[] {
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

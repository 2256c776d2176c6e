import type { NetworkSpec } from '../../container-spec.ts';
import type { PortRule, SandboxPolicy } from '../../sandbox/sandbox-policy.ts';
import { egressPorts } from './http-access.ts';

type TcpRules = NonNullable<SandboxPolicy['tcp']>;

/** TCP ports of a component: those that it needs for other reasons, and those of its sockets. */
export function withSocketPorts(tcp: TcpRules, network: NetworkSpec | undefined): TcpRules {
  if (network === undefined) return tcp;
  // Services lead to other ports than their own, and to others tomorrow.
  const isOpen = network.egress === undefined || network.services !== undefined;
  const connect = isOpen ? 'any' : egressPorts(network.egress);
  // To connect from an address is to bind to some port of it.
  const bind = network.ports === undefined ? 'any' : joined(tcp.bind, [0, ...network.ports]);
  return { bind, connect: joined(tcp.connect, connect) };
}

function joined(left: PortRule, right: PortRule): PortRule {
  return left === 'any' || right === 'any' ? 'any' : [...new Set([...left, ...right])];
}

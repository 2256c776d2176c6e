import { Resolver } from '../../../wasi/component/dns/resolver.ts';
import { anywhere, EgressPolicy } from '../../../wasi/component/http/egress-policy.ts';
import { GuestNetwork } from '../../../wasi/component/sockets/guest-network.ts';
import { NativeNetworkSockets } from '../../../wasi/native/native-network-sockets.ts';
import type { Routes } from '../../../wasi/network/routes.ts';
import type { System } from '../../../wasi/system/system.ts';
import type { OpenedBody } from '../../container/container-body.ts';
import type { ContainerSpec, NetworkSpec } from '../../container-spec.ts';
import { withSocketPorts } from './network-ports.ts';

const domainPort = 53;
const millisecondsPerSecond = 1000;

/** The network of a component by its spec. */
export function guestNetwork(
  spec: NetworkSpec,
  { system, routes }: { readonly system: System; readonly routes: Routes },
): GuestNetwork {
  const { addresses, ports, egress = [anywhere], guarded, hosts, dns } = spec;
  const sockets = new NativeNetworkSockets();
  const policy = new EgressPolicy(egress, { guarded });
  const { timeout, ...rules } = dns;
  const resolver = new Resolver(
    { system, sockets, routes },
    {
      ...rules,
      ...(timeout !== undefined && { timeout: timeout * millisecondsPerSecond }),
      servers: dns.servers.map((address) => ({ address, port: domainPort })),
      hosts,
      from: addresses,
    },
  );
  return new GuestNetwork({ sockets, resolver, policy, routes }, { addresses, ports });
}

/** What a component with a network needs of its sandbox, beside what its body does. */
export function networkNeeds(
  { network }: ContainerSpec,
  { tcp = { bind: [], connect: [] } }: Pick<OpenedBody, 'tcp'>,
): Pick<OpenedBody, 'sockets' | 'tcp'> {
  if (network === undefined) return {};
  return { sockets: true, tcp: withSocketPorts(tcp, network) };
}

import { BlockList, isIPv6 } from 'node:net';
import type { AddressFamily, Endpoint } from '../../system/network-sockets.ts';
import { familyOf } from './ip-address.ts';

const groups = new BlockList();
groups.addSubnet('224.0.0.0', 4, 'ipv4');
groups.addAddress('255.255.255.255', 'ipv4');
groups.addSubnet('ff00::', 8, 'ipv6');

const mapped = new BlockList();
mapped.addSubnet('::ffff:0:0', 96, 'ipv6');

/** Whether an address belongs to a socket of the family, and to one machine alone. */
export function isUnicastOf(family: AddressFamily, address: string): boolean {
  if (familyOf(address) !== family) return false;
  // BlockList takes an IPv4 address for its IPv6 form: only the latter is asked about here.
  if (isIPv6(address) && mapped.check(address, 'ipv6')) return false;
  return !groups.check(address, family);
}

const unspecified = { ipv4: '0.0.0.0', ipv6: '::' } as const;

/** Whether an address is that of nobody in particular: a listener's own, whichever it is. */
export function isUnspecified(address: string): boolean {
  return address === unspecified.ipv4 || address === unspecified.ipv6;
}

/** What a socket is bound to that nobody has bound: whichever address, and some port that is free. */
export function anyEndpoint(family: AddressFamily): Endpoint {
  return { address: unspecified[family], port: 0 };
}

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/**
 * Whether an address of the machine's loopback stands for `own`, the pod's address of that family:
 * all do, unless the pod is on the loopback itself, which may have other pods then.
 */
export function isLoopbackOf(own: string | undefined, address: string): boolean {
  if (address === '127.0.0.1' || address === '::1') return true;
  const family = familyOf(address);
  return loopback.check(address, family) && !(own && isOnLoopback(own));
}

function isOnLoopback(address: string): boolean {
  return loopback.check(address, familyOf(address));
}

/**
 * The pod's address that something comes from which is sent to `remote`; undefined leaves it to the
 * system. What leaves the machine cannot come from its loopback, where pods without a cluster are.
 */
export function sourceTowards(own: string | undefined, remote: string): string | undefined {
  return own !== undefined && isOnLoopback(own) && !isOnLoopback(remote) ? undefined : own;
}

/** Whether something can be sent there, by a socket of the family. */
export function isDestination(family: AddressFamily, { address, port }: Endpoint): boolean {
  return port !== 0 && !isUnspecified(address) && isUnicastOf(family, address);
}

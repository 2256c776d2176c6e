import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { BlockList, isIP } from 'node:net';
import os from 'node:os';

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/** Whether only this machine can reach the address. */
export function isLoopback(address: string): boolean {
  return loopback.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}

/**
 * The address of this machine that others are most likely to reach: the one from which the API
 * server is reached, else the first that is not a loopback one.
 */
export async function detectNodeIP(server: string | undefined): Promise<string> {
  const routed = server === undefined ? undefined : await localAddressTowards(new URL(server));
  if (routed !== undefined && !isLoopback(routed)) return routed;
  return outwardAddresses()[0] ?? routed ?? '127.0.0.1';
}

/** Asks the kernel for a route, without sending anything. */
async function localAddressTowards({ hostname, port }: URL): Promise<string | undefined> {
  const host = hostname.replace(/^\[|\]$/g, '');
  const socket = createSocket(isIP(host) === 6 ? 'udp6' : 'udp4');
  try {
    socket.connect(Number(port) || 443, host);
    await once(socket, 'connect');
    return socket.address().address;
  } catch {
    // No route, or no such host: the interfaces have to do.
    return undefined;
  } finally {
    socket.close();
  }
}

/** Addresses of the interfaces that others may reach, as they are now, IPv4 first. */
export function outwardAddresses(): readonly string[] {
  const all = Object.values(os.networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return all
    .filter(
      ({ address, family }) => !isLoopback(address) && !(family === 'IPv6' && isLinkLocal(address)),
    )
    .sort((one, other) => one.family.localeCompare(other.family))
    .map(({ address }) => address);
}

function isLinkLocal(address: string): boolean {
  return /^fe[89ab]/i.test(address);
}

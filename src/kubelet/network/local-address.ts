import { isIPv6 } from 'node:net';
import { ip, LocalNetworkError } from './ip-command.ts';

/**
 * Lets sockets be bound to an address of a range that is this machine's by a route. With IPv4 the route
 * is enough. With IPv6 a socket is bound only to what an interface has, unless it asks for more by
 * IPV6_FREEBIND, which Node's own sockets do not.
 *
 * @throws {LocalNetworkError} where the machine does not let us
 */
export async function addLocalAddress(address: string): Promise<void> {
  if (isIPv6(address)) await ip(6, ['address', 'replace', ...hostOf(address), 'nodad']);
}

/** Takes `addLocalAddress` back; does nothing where that address is gone already. */
export async function removeLocalAddress(address: string): Promise<void> {
  if (!isIPv6(address)) return;
  try {
    await ip(6, ['address', 'del', ...hostOf(address)]);
  } catch (error) {
    const isGone =
      error instanceof LocalNetworkError && /address not found|Cannot assign/.test(error.message);
    if (!isGone) throw error;
  }
}

function hostOf(address: string): readonly string[] {
  return [`${address}/128`, 'dev', 'lo'];
}

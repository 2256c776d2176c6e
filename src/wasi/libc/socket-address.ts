import { isIPv4, isIPv6, SocketAddress } from 'node:net';
import type { AddressFamily, Endpoint } from '../system/network-sockets.ts';

/** Numbers of the address families. */
export const familyNumber = { ipv4: 2, ipv6: 10 } as const satisfies Record<AddressFamily, number>;

/** The size of the largest address that is read back, a `struct sockaddr_in6`. */
export const largestSocketAddress = 28;

/**
 * A `struct sockaddr_in` or `sockaddr_in6`: the port and the address in network order.
 *
 * @throws where the text is no IP address
 */
export function encodeSocketAddress({ address, port }: Endpoint): Uint8Array {
  if (isIPv4(address)) {
    const name = new DataView(new ArrayBuffer(16));
    name.setUint16(0, familyNumber.ipv4, true);
    name.setUint16(2, port);
    for (const [index, part] of address.split('.').entries())
      name.setUint8(4 + index, Number(part));
    return new Uint8Array(name.buffer);
  }
  if (!isIPv6(address)) throw new Error(`Cannot use '${address}': not an IP address`);
  const name = new DataView(new ArrayBuffer(largestSocketAddress));
  name.setUint16(0, familyNumber.ipv6, true);
  name.setUint16(2, port);
  for (const [index, group] of ipv6Groups(address).entries()) name.setUint16(8 + index * 2, group);
  return new Uint8Array(name.buffer);
}

/** Reads what the kernel wrote; undefined for a family that is not the Internet's. */
export function decodeSocketAddress(name: DataView): Endpoint | undefined {
  const family = name.getUint16(0, true);
  const port = name.getUint16(2);
  if (family === familyNumber.ipv4) {
    const parts = [4, 5, 6, 7].map((at) => name.getUint8(at));
    return { address: parts.join('.'), port };
  }
  if (family !== familyNumber.ipv6) return undefined;
  const groups = Array.from({ length: 8 }, (_, index) =>
    name.getUint16(8 + index * 2).toString(16),
  );
  const { address } = new SocketAddress({ address: groups.join(':'), family: 'ipv6' });
  return { address, port };
}

/** The eight groups of an address that `isIPv6` has accepted. */
function ipv6Groups(address: string): number[] {
  const canonical = new URL(`http://[${address.split('%', 1)[0]}]`).hostname.slice(1, -1);
  const [head = '', tail] = canonical.split('::');
  const before = groupsOf(head);
  if (tail === undefined) return before;
  const after = groupsOf(tail);
  return [...before, ...Array<number>(8 - before.length - after.length).fill(0), ...after];
}

function groupsOf(text: string): number[] {
  return text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16));
}

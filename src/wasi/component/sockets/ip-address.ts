import { isIPv4, SocketAddress } from 'node:net';
import type { AddressFamily, Endpoint } from '../../system/network-sockets.ts';
import { u8, u16, u32 } from '../abi/numbers.ts';
import { record, tuple } from '../abi/records.ts';
import { enumeration, ok, type Result, type VariantOf, variant } from '../abi/variants.ts';

/** `ip-address-family`. */
export const ipAddressFamily = enumeration<AddressFamily>(['ipv4', 'ipv6']);

type IPv4 = readonly [number, number, number, number];
type IPv6 = readonly [number, number, number, number, number, number, number, number];

const ipv4 = tuple<IPv4>(u8, u8, u8, u8);
const ipv6 = tuple<IPv6>(u16, u16, u16, u16, u16, u16, u16, u16);

const addresses = { ipv4, ipv6 };

/** `ip-address`. */
export const ipAddress = variant(addresses);
export type IpAddress = VariantOf<typeof addresses>;

interface IPv4SocketAddress {
  readonly port: number;
  readonly address: IPv4;
}

interface IPv6SocketAddress {
  readonly port: number;
  readonly 'flow-info': number;
  readonly address: IPv6;
  readonly 'scope-id': number;
}

const socketAddresses = {
  ipv4: record<IPv4SocketAddress>({ port: u16, address: ipv4 }),
  ipv6: record<IPv6SocketAddress>({
    port: u16,
    'flow-info': u32,
    address: ipv6,
    'scope-id': u32,
  }),
};

/** `ip-socket-address`. */
export const ipSocketAddress = variant(socketAddresses);
export type IpSocketAddress = VariantOf<typeof socketAddresses>;

export function endpointOf({ kind, value }: IpSocketAddress): Endpoint {
  return { address: textOf(kind, value.address), port: value.port };
}

/** @param endpoint whose address is an IP address, as all that a system names are */
export function socketAddressOf({ address, port }: Endpoint): IpSocketAddress {
  const parsed = addressOf(address);
  if (parsed.kind === 'ipv4') return { kind: 'ipv4', value: { port, address: parsed.value } };
  return {
    kind: 'ipv6',
    value: { port, 'flow-info': 0, address: parsed.value, 'scope-id': 0 },
  };
}

/** As {@link socketAddressOf}, for an endpoint that there may not be. */
export function asSocketAddress<E>(endpoint: Result<Endpoint, E>): Result<IpSocketAddress, E> {
  return endpoint.kind === 'ok' ? ok(socketAddressOf(endpoint.value)) : endpoint;
}

/** @param text an IP address */
export function addressOf(text: string): IpAddress {
  if (isIPv4(text)) {
    const [a = 0, b = 0, c = 0, d = 0] = text.split('.').map(Number);
    return { kind: 'ipv4', value: [a, b, c, d] };
  }
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = groupsOf(text);
  return { kind: 'ipv6', value: [a, b, c, d, e, f, g, h] };
}

export function familyOf(address: string): AddressFamily {
  return isIPv4(address) ? 'ipv4' : 'ipv6';
}

function textOf(family: AddressFamily, parts: readonly number[]): string {
  if (family === 'ipv4') return parts.join('.');
  const groups = parts.map((group) => group.toString(16)).join(':');
  return new SocketAddress({ address: groups, family }).address;
}

/** The eight groups of an IPv6 address; the last two may be written as an IPv4 address. */
function groupsOf(text: string): number[] {
  const canonical = new URL(`http://[${text.split('%', 1)[0]}]`).hostname.slice(1, -1);
  const [head = '', tail] = canonical.split('::').map(hexGroups);
  const before = head === '' ? [] : head;
  if (tail === undefined) return before;
  return [...before, ...Array<number>(8 - before.length - tail.length).fill(0), ...tail];
}

function hexGroups(text: string): number[] {
  return text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16));
}

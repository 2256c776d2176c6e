import { isIPv4, isIPv6 } from 'node:net';
import * as der from './der.ts';

/** Who a certificate is for. To Kubernetes a common name is a user, an organization a group. */
export interface Subject {
  readonly commonName: string;
  readonly organizations?: readonly string[];
}

/** Names and addresses that a server's certificate is good for. */
export interface AlternativeNames {
  readonly dnsNames?: readonly string[];
  readonly ipAddresses?: readonly string[];
}

/** The subject as an X.501 `Name`. */
export function encodeSubject({ commonName, organizations = [] }: Subject): Buffer {
  const attribute = (type: string, value: string): Buffer =>
    der.sequence(der.objectIdentifier(type), der.utf8String(value));
  const parts = organizations.map((organization) => attribute('2.5.4.10', organization));
  // Several organizations are one set of the name, as Go reads and writes them.
  return der.sequence(
    ...(parts.length === 0 ? [] : [der.set(...parts)]),
    der.set(attribute('2.5.4.3', commonName)),
  );
}

/** The names as the extension subjectAltName; `undefined` where there are none. */
export function encodeAlternativeNames(names: AlternativeNames): Buffer | undefined {
  const { dnsNames = [], ipAddresses = [] } = names;
  if (dnsNames.length + ipAddresses.length === 0) return undefined;
  return der.sequence(
    der.objectIdentifier('2.5.29.17'),
    der.octetString(
      der.sequence(
        ...dnsNames.map((name) => der.contextPrimitive(2, Buffer.from(name, 'ascii'))),
        ...ipAddresses.map((address) => der.contextPrimitive(7, bytesOfAddress(address))),
      ),
    ),
  );
}

function bytesOfAddress(address: string): Buffer {
  if (isIPv4(address)) return Buffer.from(address.split('.').map(Number));
  if (!isIPv6(address)) throw new TypeError(`Cannot encode '${address}': not an IP address`);
  // URL writes an IPv4 tail as two groups, which leaves one form to expand.
  const normal = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [head = '', tail] = normal.split('::');
  const groupsOf = (text: string): string[] => text.split(':').filter((group) => group !== '');
  const before = groupsOf(head);
  const after = groupsOf(tail ?? '');
  const zeros = Array<string>(8 - before.length - after.length).fill('0');
  const groups = [...before, ...zeros, ...after];
  return Buffer.from(groups.map((group) => group.padStart(4, '0')).join(''), 'hex');
}

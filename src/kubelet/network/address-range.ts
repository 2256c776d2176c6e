import { isIP } from 'node:net';

/** A block of IPv4 or IPv6 addresses. */
export class AddressRange {
  readonly cidr: string;
  readonly family: 4 | 6;
  readonly #first: bigint;
  /** How many addresses there are. */
  readonly size: bigint;

  /** @throws {RangeError} where the text is no CIDR such as `10.244.1.0/24` or `fd00:10:244::/64` */
  constructor(cidr: string) {
    const [network = '', length = ''] = cidr.split('/');
    const family = isIP(network);
    const bits = family === 4 ? 32 : 128;
    const prefix = /^\d{1,3}$/.test(length) ? Number(length) : Number.NaN;
    if ((family !== 4 && family !== 6) || !(prefix >= 0 && prefix <= bits)) {
      throw new RangeError(`read CIDR '${cidr}': use a form such as 10.244.1.0/24`);
    }
    this.cidr = cidr;
    this.family = family;
    this.size = 1n << BigInt(bits - prefix);
    this.#first = parseAddress(network) & ~(this.size - 1n);
  }

  /** The address at this distance from the first. */
  at(offset: bigint): string {
    const value = this.#first + offset;
    return this.family === 4 ? formatIPv4(value) : formatIPv6(value);
  }

  contains(address: string): boolean {
    if (isIP(address) !== this.family) return false;
    const offset = parseAddress(address) - this.#first;
    return offset >= 0n && offset < this.size;
  }
}

/** An address in the one form that this program writes it in. */
export function canonicalAddress(address: string): string {
  const value = parseAddress(address);
  return isIP(address) === 4 ? formatIPv4(value) : formatIPv6(value);
}

function parseAddress(address: string): bigint {
  const groups = isIP(address) === 4 ? ipv4Groups(address) : ipv6Groups(address);
  const shift = isIP(address) === 4 ? 8n : 16n;
  return groups.reduce((sum, group) => (sum << shift) | BigInt(group), 0n);
}

function ipv4Groups(address: string): readonly number[] {
  return address.split('.').map(Number);
}

function ipv6Groups(address: string): readonly number[] {
  const [head = '', tail] = address.split('%', 1)[0]?.split('::') ?? [];
  const before = hexGroups(head);
  if (tail === undefined) return before;
  const after = hexGroups(tail);
  return [...before, ...Array<number>(8 - before.length - after.length).fill(0), ...after];
}

/** Groups of 16 bits; an IPv4 address may stand for the last two. */
function hexGroups(text: string): readonly number[] {
  if (text === '') return [];
  return text.split(':').flatMap((group) => {
    if (!group.includes('.')) return [Number.parseInt(group, 16)];
    const [a = 0, b = 0, c = 0, d = 0] = ipv4Groups(group);
    return [a * 256 + b, c * 256 + d];
  });
}

function formatIPv4(value: bigint): string {
  return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 255n).join('.');
}

/** As RFC 5952 has it: the longest run of zero groups is left out. */
function formatIPv6(value: bigint): string {
  const groups = Array.from({ length: 8 }, (_, index) =>
    ((value >> BigInt(112 - index * 16)) & 0xffffn).toString(16),
  );
  const runs = [...groups.join(':').matchAll(/(?:^|:)0(?::0)+(?=:|$)/g)].map(([run]) => run);
  const longest = runs.reduce((best, run) => (run.length > best.length ? run : best), '');
  const text = groups.join(':');
  return longest === '' ? text : text.replace(longest, '::').replace(/:{3,}/, '::');
}

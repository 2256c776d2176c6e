import { BlockList, isIPv6 } from 'node:net';
import { plainAddress } from './plain-address.ts';

/** An address, or those with the same first bits: `192.0.2.1`, `10.96.0.0/12`, `2001:db8::/32`. */
export class AddressRange {
  readonly #addresses = new BlockList();
  /** How many bits are the same, counted in IPv6: an IPv4 address has 96 before its own. */
  readonly #prefix: number;

  /** @throws {RangeError | TypeError} where the text is no address or CIDR */
  constructor(cidr: string) {
    const [address = '', bits] = cidr.split('/');
    const [family, size] = isIPv6(address) ? (['ipv6', 128] as const) : (['ipv4', 32] as const);
    const prefix = Number(bits ?? size);
    this.#addresses.addSubnet(address, prefix, family);
    this.#prefix = prefix + 128 - size;
  }

  /** @param address in its shortest form; an IPv4 address is in no range of IPv6 but in those of mapped addresses */
  contains(address: string): boolean {
    const plain = plainAddress(address);
    if (isIPv6(plain)) return this.#addresses.check(plain, 'ipv6');
    // BlockList takes it for its mapped form, which lies in `::/0` as well.
    return this.#prefix >= 96 && this.#addresses.check(plain, 'ipv4');
  }

  /** Whether it lies in a range with which it shares an address. */
  isWithin(other: AddressRange): boolean {
    return this.#prefix >= other.#prefix;
  }
}

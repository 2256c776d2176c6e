import { createHash } from 'node:crypto';
import { isIP } from 'node:net';
import { AddressRange, canonicalAddress } from './address-range.ts';
import type { RestingAddresses } from './resting-addresses.ts';

/** The network's own address, the one after it, and the last are left out. */
const reserved = 3n;

/**
 * Gives each owner an address out of a range. Where one looks first follows from its uid, so that
 * processes that share a range without knowing of each other hardly ever choose the same address.
 */
export class AddressPool {
  readonly #range: AddressRange;
  readonly #resting: RestingAddresses;
  readonly #owners = new Map<string, string>();
  readonly #addresses = new Map<string, string>();

  constructor(
    { resting }: { readonly resting: RestingAddresses },
    init: { readonly cidr: string },
  ) {
    this.#resting = resting;
    this.#range = new AddressRange(init.cidr);
  }

  /** How many owners have an address. */
  get size(): number {
    return this.#addresses.size;
  }

  /**
   * An address for the owner; the same again for one that has one.
   *
   * @param preferred addresses it had before, which it gets where one is in the range and free
   * @throws where all addresses are taken
   */
  take(uid: string, preferred: readonly string[] = []): string {
    const address = this.#addresses.get(uid) ?? this.#freeOf(preferred, uid) ?? this.#nextFree(uid);
    this.#give(address, uid);
    return address;
  }

  /** Keeps the address for the owner that had it, where it is in the range and nobody else's. */
  keep(uid: string, addresses: readonly string[]): void {
    const address = this.#addresses.get(uid) ?? this.#freeOf(addresses, uid);
    if (address !== undefined) this.#give(address, uid);
  }

  /** Takes back the owner's address, and gives it; it rests a while before another owner gets it. */
  release(uid: string): string | undefined {
    const address = this.#addresses.get(uid);
    if (address === undefined) return undefined;
    this.#addresses.delete(uid);
    this.#owners.delete(address);
    this.#resting.add(address);
    return address;
  }

  #give(address: string, uid: string): void {
    this.#resting.remove(address);
    this.#owners.set(address, uid);
    this.#addresses.set(uid, address);
  }

  #freeOf(preferred: readonly string[], uid: string): string | undefined {
    return preferred
      .filter((address) => isIP(address) !== 0)
      .map(canonicalAddress)
      .find((address) => {
        const owner = this.#owners.get(address);
        return this.#range.contains(address) && (owner === undefined || owner === uid);
      });
  }

  #nextFree(uid: string): string {
    const usable = this.#range.size - reserved;
    const start = createHash('sha256').update(uid).digest().readBigUInt64BE();
    for (let step = 0n; step < usable; step += 1n) {
      const address = this.#range.at(2n + ((start + step) % usable));
      if (!this.#owners.has(address) && !this.#resting.has(address)) return address;
    }
    throw new Error(
      `all pod addresses in ${this.#range.cidr} are taken: remove pods or enlarge the pod CIDR`,
    );
  }
}

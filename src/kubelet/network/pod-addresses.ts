import type { PodNetwork } from '../pods/pod-ports.ts';
import type { Pod } from '../pods/schema/pod.ts';
import { AddressPool } from './address-pool.ts';
import { addLocalAddress, removeLocalAddress } from './local-address.ts';
import type { RestingAddresses } from './resting-addresses.ts';

export interface PodAddressesInit {
  /** Ranges that pods get an address out of, one of each. */
  readonly cidrs: readonly string[];
  /** Addresses of pods that share the node's network. */
  readonly hostIPs: readonly string[];
}

/** Gives pods addresses of their own out of ranges that are this machine's. */
export class PodAddresses implements PodNetwork {
  readonly #pools: readonly AddressPool[];
  readonly #hostIPs: readonly string[];
  /** What this process has made an address that sockets can be bound to. */
  readonly #bindable = new Set<string>();

  constructor(components: { readonly resting: RestingAddresses }, init: PodAddressesInit) {
    this.#pools = init.cidrs.map((cidr) => new AddressPool(components, { cidr }));
    this.#hostIPs = init.hostIPs;
  }

  /** Whether any pod has an address. */
  get isUsed(): boolean {
    return this.#pools.some(({ size }) => size > 0);
  }

  reserve(uid: string, addresses: readonly string[]): void {
    for (const pool of this.#pools) pool.keep(uid, addresses);
  }

  async allocate(pod: Pod, preferred: readonly string[]): Promise<readonly string[]> {
    if (pod.spec.hostNetwork) return this.#hostIPs;
    const { uid } = pod.metadata;
    const addresses = this.#pools.map((pool) => pool.take(uid, preferred));
    for (const address of addresses) {
      if (this.#bindable.has(address)) continue;
      await addLocalAddress(address);
      this.#bindable.add(address);
    }
    return addresses;
  }

  async release(uid: string): Promise<void> {
    for (const pool of this.#pools) {
      const address = pool.release(uid);
      if (address === undefined) continue;
      this.#bindable.delete(address);
      await removeLocalAddress(address);
    }
  }
}

import { createHash } from 'node:crypto';
import { BlockList } from 'node:net';
import type { PodNetwork } from '../pods/pod-ports.ts';
import type { Pod } from '../pods/schema/pod.ts';

export interface AddressPoolInit {
  /** IPv4 block that pods get their addresses from. @default '127.64.0.0/16' */
  readonly cidr?: string;
  /** Addresses of pods that share the node's network. @default none */
  readonly hostIPs?: readonly string[];
}

/**
 * Gives each pod an IPv4 address of its own out of a block. Where a pod looks first follows from
 * its uid, so that processes that share the block without knowing of each other hardly ever
 * choose the same one.
 */
export class AddressPool implements PodNetwork {
  readonly #first: number;
  readonly #size: number;
  readonly #block = new BlockList();
  readonly #hostIPs: readonly string[];
  readonly #taken = new Map<string, string>();

  constructor({ cidr = '127.64.0.0/16', hostIPs = [] }: AddressPoolInit = {}) {
    const [network = '', prefix = ''] = cidr.split('/');
    this.#block.addSubnet(network, Number(prefix), 'ipv4');
    this.#first = toNumber(network);
    this.#size = 2 ** (32 - Number(prefix));
    this.#hostIPs = hostIPs;
  }

  async allocate(
    { metadata: { uid }, spec }: Pod,
    preferred: readonly string[],
  ): Promise<readonly string[]> {
    if (spec.hostNetwork) return this.#hostIPs;
    const own = [...this.#taken].find(([, owner]) => owner === uid)?.[0];
    const address = own ?? this.#freeOf(preferred) ?? this.#next(uid);
    this.#taken.set(address, uid);
    return [address];
  }

  async release({ metadata: { uid } }: Pod): Promise<void> {
    for (const [address, owner] of this.#taken) if (owner === uid) this.#taken.delete(address);
  }

  #freeOf(preferred: readonly string[]): string | undefined {
    return preferred.find((address) => this.#block.check(address) && !this.#taken.has(address));
  }

  /** The block's first and last address are left out, as is the one after the first. */
  #next(uid: string): string {
    const usable = this.#size - 3;
    const start = createHash('sha256').update(uid).digest().readUInt32BE() % usable;
    for (let step = 0; step < usable; step += 1) {
      const address = toText(this.#first + 2 + ((start + step) % usable));
      if (!this.#taken.has(address)) return address;
    }
    throw new Error(`all ${usable} pod addresses are taken: remove pods or enlarge the pod CIDR`);
  }
}

function toNumber(address: string): number {
  return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}

function toText(address: number): string {
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join('.');
}

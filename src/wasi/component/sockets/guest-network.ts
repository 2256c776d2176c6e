import type {
  AddressFamily,
  Datagrams,
  Endpoint,
  NetworkSockets,
} from '../../system/network-sockets.ts';
import type { Resolution, Resolver } from '../dns/resolver.ts';
import type { EgressPolicy } from '../http/egress-policy.ts';
import { isLoopback, isUnspecified } from './address-rules.ts';
import { familyOf } from './ip-address.ts';

/** How many addresses are remembered together with the names that led to them. */
const rememberedAddresses = 4096;
/** How many names are remembered for one address, which a CDN may have many of. */
const rememberedNames = 16;

export interface GuestNetworkComponents {
  readonly sockets: NetworkSockets & Datagrams;
  readonly resolver: Resolver;
  readonly policy: EgressPolicy;
}

export interface GuestNetworkInit {
  /** The pod's addresses, at most one of each family is used: the first. */
  readonly addresses: readonly string[];
}

/**
 * The network as a guest sees it: it has its pod's addresses and no others, whatever else the
 * machine has, and reaches what the policy allows.
 */
export class GuestNetwork {
  readonly sockets: NetworkSockets & Datagrams;
  readonly #resolver: Resolver;
  readonly #policy: EgressPolicy;
  readonly #own: ReadonlyMap<AddressFamily, string>;
  readonly #namesOf = new Map<string, string[]>();

  constructor(components: GuestNetworkComponents, { addresses }: GuestNetworkInit) {
    this.sockets = components.sockets;
    this.#resolver = components.resolver;
    this.#policy = components.policy;
    this.#own = new Map(addresses.map((it) => [familyOf(it), it] as const).toReversed());
  }

  /** The address that connections of a family come from. */
  ownAddress(family: AddressFamily): string | undefined {
    return this.#own.get(family);
  }

  /** Where a socket is bound that shall be bound to `local`; undefined where that is not the pod's. */
  bindable(local: Endpoint): Endpoint | undefined {
    const own = this.#own.get(familyOf(local.address));
    const means = isUnspecified(local.address) || isLoopback(local.address) ? own : local.address;
    return own !== undefined && means === own ? { address: own, port: local.port } : undefined;
  }

  /** Where a connection to `remote` leads to; undefined where it may not be made. */
  destination({ address, port }: Endpoint): Endpoint | undefined {
    const own = this.#own.get(familyOf(address));
    const means = isLoopback(address) ? own : address;
    if (means === undefined) return undefined;
    const allowed = means === own ? this.#policy.allowsOwn(means, port) : this.#allows(means, port);
    return allowed ? { address: means, port } : undefined;
  }

  /** Whether a name may be asked for. */
  mayResolve(name: string): boolean {
    return this.#resolver.isLocal(name) || this.#policy.allowsName(name);
  }

  /**
   * Begins to look a name up. What it leads to can be connected to where a rule allows the name:
   * these addresses and no others, whatever the name leads to by then.
   */
  resolve(name: string): Resolution {
    return this.#resolver.resolve(name, (address) => this.#remember(address, name));
  }

  #allows(address: string, port: number): boolean {
    if (this.#policy.allowsAddress(address, address, port)) return true;
    const names = this.#namesOf.get(address) ?? [];
    return names.some((name) => this.#policy.allowsAddress(name, address, port));
  }

  #remember(address: string, name: string): void {
    const names = this.#namesOf.get(address) ?? [];
    this.#namesOf.delete(address);
    const others = names.filter((other) => other !== name).slice(1 - rememberedNames);
    this.#namesOf.set(address, [...others, name]);
    if (this.#namesOf.size <= rememberedAddresses) return;
    const [oldest] = this.#namesOf.keys();
    if (oldest !== undefined) this.#namesOf.delete(oldest);
  }
}

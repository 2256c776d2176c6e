import { type Route, Routes } from '../../network/routes.ts';
import type {
  AddressFamily,
  Datagrams,
  Endpoint,
  NetworkSockets,
} from '../../system/network-sockets.ts';
import { ok } from '../abi/variants.ts';
import type { Resolution, Resolver } from '../dns/resolver.ts';
import type { EgressPolicy } from '../http/egress-policy.ts';
import { isLoopbackOf, isUnspecified } from './address-rules.ts';
import { type Outcome, refuse } from './error-code.ts';
import { familyOf } from './ip-address.ts';

/** How many addresses are remembered together with the names that led to them. */
const rememberedAddresses = 4096;
/** How many names are remembered for one address, which a CDN may have many of. */
const rememberedNames = 16;

export interface GuestNetworkComponents {
  readonly sockets: NetworkSockets & Datagrams;
  readonly resolver: Resolver;
  readonly policy: EgressPolicy;
  /** @default every address leads to itself */
  readonly routes?: Routes;
}

export interface GuestNetworkInit {
  /** The pod's addresses, at most one of each family is used: the first. */
  readonly addresses: readonly string[];
  /** Ports that may be bound, beside some that is free. @default every one */
  readonly ports?: readonly number[] | undefined;
}

/**
 * The network as a guest sees it: it has its pod's addresses and no others, whatever else the
 * machine has, and reaches what the policy allows.
 */
export class GuestNetwork {
  readonly sockets: NetworkSockets & Datagrams;
  readonly routes: Routes;
  readonly #resolver: Resolver;
  readonly #policy: EgressPolicy;
  readonly #own: ReadonlyMap<AddressFamily, string>;
  readonly #ports: readonly number[] | undefined;
  readonly #namesOf = new Map<string, string[]>();

  constructor(components: GuestNetworkComponents, { addresses, ports }: GuestNetworkInit) {
    this.sockets = components.sockets;
    this.routes = components.routes ?? new Routes();
    this.#resolver = components.resolver;
    this.#policy = components.policy;
    this.#own = new Map(addresses.map((it) => [familyOf(it), it] as const).toReversed());
    this.#ports = ports;
  }

  /** The address that connections of a family come from. */
  ownAddress(family: AddressFamily): string | undefined {
    return this.#own.get(family);
  }

  /** Where a socket is bound that shall be bound to `local`; undefined where that is not the pod's. */
  bindable(local: Endpoint): Endpoint | undefined {
    if (local.port !== 0 && this.#ports?.includes(local.port) === false) return undefined;
    const own = this.#own.get(familyOf(local.address));
    const isOwn = isUnspecified(local.address) || isLoopbackOf(own, local.address);
    const means = isOwn ? own : local.address;
    return own !== undefined && means === own ? { address: own, port: local.port } : undefined;
  }

  /** What `remote` means to the pod, if its policy allows that; a Service's address is itself. */
  allowed({ address, port }: Endpoint): Outcome<Endpoint> {
    const own = this.#own.get(familyOf(address));
    const means = isLoopbackOf(own, address) ? own : address;
    if (means === undefined) return refuse('access-denied');
    const allowed = means === own ? this.#policy.allowsOwn(means, port) : this.#allows(means, port);
    return allowed ? ok({ address: means, port }) : refuse('access-denied');
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

/** Where a route leads, in words of wasi:sockets. */
export function outcomeOf(route: Route): Outcome<Endpoint> {
  if (route.kind === 'open') return ok(route.to);
  return refuse(route.kind === 'denied' ? 'access-denied' : 'connection-refused');
}

import type { Endpoint } from '../../system/network-sockets.ts';
import type { Readiness } from '../io/readiness.ts';
import type { DnsExchangeComponents } from './dns-exchange.ts';
import { NameLookup } from './name-lookup.ts';

export interface ResolverInit {
  /** Servers in the order they are asked in. @default none */
  readonly servers?: readonly Endpoint[];
  /** Domains that are tried behind a name. @default none */
  readonly searches?: readonly string[];
  /** A name with fewer dots is tried in the search domains first. @default 1 */
  readonly ndots?: number;
  /** Milliseconds that one server has to answer. @default 5000 */
  readonly timeout?: number;
  /** How often the list of servers is gone through. @default 2 */
  readonly attempts?: number;
  /** Names that need no server, by what they lead to: the pod's own, and its hostAliases. */
  readonly hosts?: readonly HostEntry[];
  /** The address that queries come from, of either family. @default the system's choice */
  readonly from?: readonly string[];
}

export interface HostEntry {
  readonly address: string;
  readonly names: readonly string[];
}

export type ResolutionOutcome =
  | { readonly kind: 'found'; readonly addresses: readonly string[] }
  | {
      readonly kind: 'failed';
      readonly code: 'name-unresolvable' | 'temporary-resolver-failure';
    };

/** A lookup under way. */
export interface Resolution {
  /** Ready when there is an outcome. */
  readonly readiness: Readiness;
  /** What came of it; asked only when ready. */
  readonly outcome: ResolutionOutcome;
  /** Gives up what is under way; may be called at any time. */
  cancel(): void;
}

/** Names a pod's hosts file and its servers know; the rules are those of resolv.conf(5). */
export class Resolver {
  readonly #components: DnsExchangeComponents;
  readonly #init: Required<ResolverInit>;

  constructor(components: DnsExchangeComponents, init: ResolverInit = {}) {
    this.#components = components;
    this.#init = {
      servers: [],
      searches: [],
      ndots: 1,
      timeout: 5000,
      attempts: 2,
      hosts: [],
      from: [],
      ...init,
    };
  }

  /** Whether a name can be answered without asking anybody. */
  isLocal(name: string): boolean {
    return this.#localAddresses(name).length > 0;
  }

  /** @param found told each address before it is given out */
  resolve(name: string, found: (address: string) => void): Resolution {
    const local = this.#localAddresses(name);
    return new NameLookup(this.#components, {
      ...this.#init,
      names: this.#candidates(name),
      local,
      found,
    });
  }

  #localAddresses(name: string): string[] {
    const bare = withoutDot(name);
    return this.#init.hosts
      .filter(({ names }) => names.some((each) => each.toLowerCase() === bare))
      .map(({ address }) => address);
  }

  /** Full names in the order they are tried in. */
  #candidates(name: string): readonly string[] {
    const bare = withoutDot(name);
    if (name.endsWith('.')) return [bare];
    const searched = this.#init.searches.map((domain) => `${bare}.${withoutDot(domain)}`);
    const dots = bare.split('.').length - 1;
    const all = dots >= this.#init.ndots ? [bare, ...searched] : [...searched, bare];
    return all.filter((each) => each.length <= 253);
  }
}

function withoutDot(name: string): string {
  return name.toLowerCase().replace(/\.$/, '');
}

import { clock } from '../../system/clocks.ts';
import type { Endpoint } from '../../system/network-sockets.ts';
import type { Readiness, WaitSource } from '../io/readiness.ts';
import { DnsExchange, type DnsExchangeComponents } from './dns-exchange.ts';
import type { DnsResponse } from './dns-message.ts';
import type { Resolution, ResolutionOutcome } from './resolver.ts';

export interface NameLookupInit {
  /** Full names, in the order they are tried in. */
  readonly names: readonly string[];
  /** The answer where nobody needs to be asked; empty otherwise. */
  readonly local: readonly string[];
  readonly servers: readonly Endpoint[];
  readonly timeout: number;
  readonly attempts: number;
  readonly from: readonly string[];
  readonly found: (address: string) => void;
}

const nanosecondsPerMillisecond = 1_000_000n;

/**
 * Looks a name up, step by step, whenever somebody asks whether it is ready. Both families are
 * asked for at once; IPv4 comes first, as most pods have nothing else.
 */
export class NameLookup implements Resolution {
  readonly #components: DnsExchangeComponents;
  readonly #init: NameLookupInit;
  #outcome: ResolutionOutcome | undefined;
  #exchanges: readonly DnsExchange[] = [];
  #deadline = 0n;
  #name = 0;
  #try = 0;
  /** Whether a server failed where another answer might have been found. */
  #wasTroubled = false;

  readonly readiness: Readiness = {
    ready: () => this.#advance(),
    source: (): WaitSource => ({
      kind: 'any',
      sources: [
        { kind: 'deadline', at: this.#deadline },
        ...this.#exchanges.filter((it) => !it.isDone).map((it) => it.source()),
      ],
    }),
  };

  constructor(components: DnsExchangeComponents, init: NameLookupInit) {
    this.#components = components;
    this.#init = init;
    if (init.local.length > 0) this.#find(init.local);
    else this.#ask();
  }

  get outcome(): ResolutionOutcome {
    if (this.#outcome === undefined) throw new Error('Cannot tell the outcome: it is not there');
    return this.#outcome;
  }

  cancel(): void {
    for (const exchange of this.#exchanges) exchange.close();
    this.#exchanges = [];
    this.#outcome ??= { kind: 'failed', code: 'temporary-resolver-failure' };
  }

  #advance(): boolean {
    while (this.#outcome === undefined && this.#hasResult()) this.#judge();
    return this.#outcome !== undefined;
  }

  #hasResult(): boolean {
    if (this.#exchanges.every((exchange) => exchange.advance() !== undefined)) return true;
    return this.#components.system.clocks.now(clock.monotonic) >= this.#deadline;
  }

  /** All have answered, or time is up. */
  #judge(): void {
    const responses = this.#exchanges.map((exchange) => exchange.advance());
    for (const exchange of this.#exchanges) exchange.close();
    const addresses = responses.flatMap(addressesIn);
    const isAnswered = responses.every((it) => isAnswer(it));
    if (addresses.length > 0) this.#find(addresses);
    else if (isAnswered) this.#next();
    else this.#askAgain();
  }

  /** This name leads nowhere: the next one may. */
  #next(): void {
    this.#name++;
    this.#try = 0;
    this.#ask();
  }

  #askAgain(): void {
    this.#try++;
    const { servers, attempts } = this.#init;
    if (this.#try < servers.length * attempts) {
      this.#ask();
    } else {
      this.#wasTroubled = true;
      this.#next();
    }
  }

  #ask(): void {
    const { names, servers, timeout, from } = this.#init;
    const name = names[this.#name];
    const server = servers[this.#try % servers.length];
    if (name === undefined || server === undefined) {
      const isUnclear = this.#wasTroubled || server === undefined;
      const code = isUnclear ? 'temporary-resolver-failure' : 'name-unresolvable';
      this.#outcome = { kind: 'failed', code };
      return;
    }
    const own = from.find((each) => each.includes(':') === server.address.includes(':'));
    this.#exchanges = (['a', 'aaaa'] as const).map(
      (type) => new DnsExchange(this.#components, { name, type, server, from: own }),
    );
    const now = this.#components.system.clocks.now(clock.monotonic);
    this.#deadline = now + BigInt(timeout) * nanosecondsPerMillisecond;
  }

  #find(addresses: readonly string[]): void {
    for (const address of addresses) this.#init.found(address);
    this.#outcome = { kind: 'found', addresses };
  }
}

type Response = DnsResponse | 'failed' | undefined;

function addressesIn(response: Response): readonly string[] {
  if (response === undefined || response === 'failed') return [];
  return response.kind === 'answer' ? response.addresses : [];
}

function isAnswer(response: Response): boolean {
  if (response === undefined || response === 'failed') return false;
  return response.kind === 'answer' || response.kind === 'absent';
}

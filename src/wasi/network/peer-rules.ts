import { AddressRange } from './address-range.ts';
import { plainAddress } from './plain-address.ts';
import type { Protocol } from './service-table.ts';

/** One end of a connection as seen from the pod: the other's address, and the port that listens. */
export interface Encounter {
  readonly protocol: Protocol;
  readonly address: string;
  readonly port: number;
}

export type Direction = 'ingress' | 'egress';

interface Rule {
  allows(encounter: Encounter): boolean;
}

/**
 * The NetworkPolicies of a pod, put together as text. Each line is one of:
 *
 * - `isolates DIRECTION`: only what a rule allows passes, `ingress` or `egress`
 * - `nodes ADDRESS…`: passes always, as the pod's own addresses do
 * - `DIRECTION PORTS PEERS`: a rule. PORTS is `*`, or items as `TCP:80`, `UDP:*` and `TCP:8000-9000`
 *   with commas between; PEERS is `*`, addresses and ranges, and what is out of them behind a `!`
 */
export class PeerRules {
  readonly #isolated: ReadonlySet<string>;
  readonly #always: ReadonlySet<string>;
  readonly #rules: Readonly<Record<Direction, readonly Rule[]>>;

  constructor(text: string, { addresses }: { readonly addresses: readonly string[] }) {
    const lines = text.split('\n').map((line) => line.split(' '));
    const behind = (word: string) =>
      lines.flatMap(([first, ...rest]) => (first === word ? [rest] : []));
    this.#isolated = new Set(behind('isolates').flat());
    this.#always = new Set([...addresses, ...behind('nodes').flat()]);
    this.#rules = {
      ingress: behind('ingress').map(ruleOf),
      egress: behind('egress').map(ruleOf),
    };
  }

  allows(direction: Direction, encounter: Encounter): boolean {
    if (!this.#isolated.has(direction)) return true;
    const address = plainAddress(encounter.address);
    if (this.#always.has(address)) return true;
    return this.#rules[direction].some((rule) => rule.allows({ ...encounter, address }));
  }
}

function ruleOf([ports = '', ...peers]: readonly string[]): Rule {
  const isPort = portsOf(ports);
  const isPeer = peersOf(peers);
  return { allows: (it) => isPort(it) && isPeer(it.address) };
}

function portsOf(text: string): (encounter: Encounter) => boolean {
  if (text === '*') return () => true;
  const items = text.split(',').map((item) => {
    const [protocol, range = ''] = item.split(':');
    const [first, last = first] = range === '*' ? [0, 65_535] : range.split('-').map(Number);
    return { protocol, first: first ?? 0, last: last ?? 0 };
  });
  return ({ protocol, port }) =>
    items.some((it) => it.protocol === protocol && it.first <= port && port <= it.last);
}

function peersOf(texts: readonly string[]): (address: string) => boolean {
  const [inside, outside] = [
    texts.filter((it) => !it.startsWith('!')),
    texts.filter((it) => it.startsWith('!')),
  ];
  const isExcepted = membersOf(outside.map((it) => it.slice(1)));
  const isMember = inside.includes('*') ? () => true : membersOf(inside);
  return (address) => isMember(address) && !isExcepted(address);
}

/** Most peers are single addresses, of which there may be thousands: they are looked up. */
function membersOf(texts: readonly string[]): (address: string) => boolean {
  const addresses = new Set(texts.filter((it) => !it.includes('/')));
  const ranges = texts.filter((it) => it.includes('/')).map((it) => new AddressRange(it));
  return (address) => addresses.has(address) || ranges.some((range) => range.contains(address));
}

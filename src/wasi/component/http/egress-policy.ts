import { isIP } from 'node:net';
import { AddressRange } from '../../network/address-range.ts';
import { translatedAddress } from '../../network/plain-address.ts';

/** One permission to connect: a host that matches, or an address in a range; on a port. */
export interface EgressRule {
  /** Names: `example.org`, `*.example.org` for everything beneath it, `*` for every name. */
  readonly hosts?: readonly string[];
  /** Addresses: `10.96.0.0/12`, `2001:db8::/32`. */
  readonly cidrs?: readonly string[];
  /** @default every port */
  readonly ports?: readonly number[];
}

/** Addresses that only a rule which means them allows: on some ports, or all. */
export interface GuardedAddresses {
  readonly cidrs: readonly string[];
  /** @default every port */
  readonly ports?: readonly number[];
}

export interface EgressPolicyInit {
  /** The node's own doors: its kubelet, the API server. @default none */
  readonly guarded?: readonly GuardedAddresses[];
}

interface CompiledRule {
  readonly hosts: readonly string[];
  readonly ranges: readonly AddressRange[];
  readonly ports: ReadonlySet<number> | undefined;
}

interface CompiledGuard {
  readonly ranges: readonly AddressRange[];
  readonly ports: ReadonlySet<number> | undefined;
}

/**
 * Addresses that a name may not lead to, though it is allowed: the node's own, and those where
 * clouds keep their metadata. Only a range that lies within one of these allows them.
 */
const alwaysGuarded = [
  compileGuard({
    cidrs: [
      '0.0.0.0/8',
      '127.0.0.0/8',
      '169.254.0.0/16',
      '::/128',
      '::1/128',
      'fe80::/10',
      'fd00:ec2::254/128',
    ],
  }),
];

/** Every address and every name, but for what is guarded. */
export const anywhere: EgressRule = { hosts: ['*'], cidrs: ['0.0.0.0/0', '::/0'] };

/** Where a guest may connect to. Without rules nowhere. */
export class EgressPolicy {
  readonly #rules: readonly CompiledRule[];
  readonly #doors: readonly CompiledGuard[];

  constructor(rules: readonly EgressRule[] = [], { guarded = [] }: EgressPolicyInit = {}) {
    this.#rules = rules.map((rule) => ({
      hosts: (rule.hosts ?? []).map((host) => host.toLowerCase()),
      ranges: rangesOf(rule.cidrs ?? []),
      ports: rule.ports && new Set(rule.ports),
    }));
    this.#doors = guarded.map(compileGuard);
  }

  /** Whether a name or address may be tried at all; what a name leads to is checked besides. */
  allowsHost(host: string, port: number): boolean {
    if (isIP(host) !== 0) return this.#allowsRange(host, port);
    const name = host.toLowerCase();
    return this.#rules.some(
      (rule) => allowsPort(rule, port) && (matchesName(rule, name) || rule.ranges.length > 0),
    );
  }

  /** Whether a name may be looked up, as {@link allowsHost} has it for some port. */
  allowsName(host: string): boolean {
    const name = host.toLowerCase().replace(/\.$/, '');
    return this.#rules.some((rule) => matchesName(rule, name) || rule.ranges.length > 0);
  }

  /** Whether a connection to `address`, which `host` led to, may be made. */
  allowsAddress(host: string, address: string, port: number): boolean {
    if (this.#allowsRange(address, port)) return true;
    if (isIP(host) !== 0 || this.#guardsOf(address, port).length > 0) return false;
    const name = host.toLowerCase().replace(/\.$/, '');
    return this.#rules.some((rule) => allowsPort(rule, port) && matchesName(rule, name));
  }

  /** Whether a pod may connect to an address of its own: unless that is a door of the node's. */
  allowsOwn(address: string, port: number): boolean {
    const isDoor = rangesWith(this.#doors, address, port).length > 0;
    return !isDoor || this.#allowsRange(address, port);
  }

  #allowsRange(address: string, port: number): boolean {
    const guards = this.#guardsOf(address, port);
    return this.#rules.some(
      (rule) =>
        allowsPort(rule, port) &&
        rule.ranges.some(
          (range) => range.contains(address) && guards.every((guard) => range.isWithin(guard)),
        ),
    );
  }

  #guardsOf(address: string, port: number): readonly AddressRange[] {
    const guards = [...alwaysGuarded, ...this.#doors];
    const translated = translatedAddress(address);
    return [address, ...(translated === undefined ? [] : [translated])].flatMap((each) =>
      rangesWith(guards, each, port),
    );
  }
}

function compileGuard({ cidrs, ports }: GuardedAddresses): CompiledGuard {
  return { ranges: rangesOf(cidrs), ports: ports && new Set(ports) };
}

function rangesWith(
  guards: readonly CompiledGuard[],
  address: string,
  port: number,
): AddressRange[] {
  return guards
    .filter((guard) => allowsPort(guard, port))
    .flatMap(({ ranges }) => ranges.filter((range) => range.contains(address)));
}

function allowsPort(rule: Pick<CompiledRule, 'ports'>, port: number): boolean {
  return rule.ports === undefined || rule.ports.has(port);
}

function matchesName(rule: CompiledRule, name: string): boolean {
  return rule.hosts.some((host) => {
    if (host === '*' || host === name) return true;
    return host.startsWith('*.') && name.endsWith(host.slice(1));
  });
}

function rangesOf(cidrs: readonly string[]): readonly AddressRange[] {
  return cidrs.map((cidr) => new AddressRange(cidr));
}

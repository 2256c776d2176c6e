import { BlockList, isIP, isIPv6 } from 'node:net';

/** One permission to connect: a host that matches, or an address in a range; on a port. */
export interface EgressRule {
  /** Names: `example.org`, `*.example.org` for everything beneath it, `*` for every name. */
  readonly hosts?: readonly string[];
  /** Addresses: `10.96.0.0/12`, `2001:db8::/32`. */
  readonly cidrs?: readonly string[];
  /** @default every port */
  readonly ports?: readonly number[];
}

interface CompiledRule {
  readonly hosts: readonly string[];
  readonly addresses: BlockList;
  readonly ports: ReadonlySet<number> | undefined;
}

/**
 * Addresses that a name may not lead to, though it is allowed: the node's own, and those where
 * clouds keep their metadata. Only a range that contains them allows them.
 */
const guarded = blockListOf([
  '0.0.0.0/8',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '::/128',
  '::1/128',
  'fe80::/10',
  'fd00:ec2::254/128',
]);

/** Where a guest may connect to. Without rules nowhere. */
export class EgressPolicy {
  readonly #rules: readonly CompiledRule[];

  constructor(rules: readonly EgressRule[] = []) {
    this.#rules = rules.map((rule) => ({
      hosts: (rule.hosts ?? []).map((host) => host.toLowerCase()),
      addresses: blockListOf(rule.cidrs ?? []),
      ports: rule.ports && new Set(rule.ports),
    }));
  }

  /** Whether a name or address may be tried at all; what a name leads to is checked besides. */
  allowsHost(host: string, port: number): boolean {
    if (isIP(host) !== 0) return this.#allowsRange(host, port);
    const name = host.toLowerCase();
    return this.#rules.some(
      (rule) => allowsPort(rule, port) && (matchesName(rule, name) || !isEmpty(rule.addresses)),
    );
  }

  /** Whether a connection to `address`, which `host` led to, may be made. */
  allowsAddress(host: string, address: string, port: number): boolean {
    if (this.#allowsRange(address, port)) return true;
    if (isIP(host) !== 0 || contains(guarded, address)) return false;
    const name = host.toLowerCase();
    return this.#rules.some((rule) => allowsPort(rule, port) && matchesName(rule, name));
  }

  #allowsRange(address: string, port: number): boolean {
    return this.#rules.some((rule) => allowsPort(rule, port) && contains(rule.addresses, address));
  }
}

function allowsPort(rule: CompiledRule, port: number): boolean {
  return rule.ports === undefined || rule.ports.has(port);
}

function matchesName(rule: CompiledRule, name: string): boolean {
  return rule.hosts.some((host) => {
    if (host === '*' || host === name) return true;
    return host.startsWith('*.') && name.endsWith(host.slice(1));
  });
}

function isEmpty(list: BlockList): boolean {
  return list.rules.length === 0;
}

function contains(list: BlockList, address: string): boolean {
  // An IPv4 address in IPv6's clothes is that IPv4 address.
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1] ?? address;
  return list.check(mapped, isIPv6(mapped) ? 'ipv6' : 'ipv4');
}

function blockListOf(cidrs: readonly string[]): BlockList {
  const list = new BlockList();
  for (const cidr of cidrs) {
    const [address = '', bits] = cidr.split('/');
    const family = isIPv6(address) ? 'ipv6' : 'ipv4';
    list.addSubnet(address, Number(bits ?? (family === 'ipv6' ? 128 : 32)), family);
  }
  return list;
}

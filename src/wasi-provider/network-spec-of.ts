import { BlockList, isIP } from 'node:net';
import { type ContainerConfig, ProviderError } from '../kubelet/provider.ts';
import type { DnsSpec, EgressRuleSpec, NetworkSpec } from '../runtime/container-spec.ts';
import { podAnnotations } from './pod-annotations.ts';

/**
 * Says what a container's sockets reach; undefined where the kubelet gives it no network.
 *
 * @param requests where its requests may go: its sockets as well, where an annotation says so
 */
export function networkSpecOf(
  { annotations, network, podIPs }: ContainerConfig,
  requests: readonly EgressRuleSpec[],
): NetworkSpec | undefined {
  if (network === undefined) return undefined;
  const isLimited = [podAnnotations.egress, podAnnotations.allowedDomains].some(
    (name) => annotations[name] !== undefined,
  );
  return {
    addresses: podIPs,
    ...(isLimited && { egress: requests }),
    ...(network.services !== undefined && { services: network.services }),
    ...(network.peers !== undefined && { peers: network.peers }),
    guarded: network.guarded.map(({ addresses, ports }) => ({ cidrs: addresses, ports })),
    dns: dnsSpecOf(network.dns),
    hosts: network.hosts.filter(({ address }) => isIP(address) !== 0),
  };
}

/**
 * The rules of the annotation; undefined without it. Between them is white space; each is a name, an address
 * or a range, and ports behind a colon, as `10.0.0.0/8:5432,5433 *.example.org:443 [2001:db8::]/32`.
 */
export function egressRules(
  annotations: ContainerConfig['annotations'],
): readonly EgressRuleSpec[] | undefined {
  const text = annotations[podAnnotations.egress];
  if (text === undefined) return undefined;
  const rules = text.split(/\s+/).filter((rule) => rule !== '');
  return rules.map(egressRule);
}

function egressRule(text: string): EgressRuleSpec {
  const parts = /^(\[[^\]]*\](?:\/\d+)?|[^:[\]]+)(?::([\d,]+))?$/.exec(text);
  if (parts === null) throw refuse(text);
  const [, target = '', list] = parts;
  const ports =
    list === undefined ? {} : { ports: list.split(',').map((port) => portOf(port, text)) };
  const range = target.replace(/[[\]]/g, '');
  if (isRange(range)) return { cidrs: [range], ...ports };
  if (!/^(\*|(\*\.)?[a-z0-9_-]+(\.[a-z0-9_-]+)*)$/i.test(target)) throw refuse(text);
  return { hosts: [target], ...ports };
}

function isRange(text: string): boolean {
  const [address = '', bits] = text.split('/');
  const family = isIP(address);
  if (family === 0) return false;
  try {
    const most = family === 4 ? 32 : 128;
    new BlockList().addSubnet(address, Number(bits ?? most), family === 4 ? 'ipv4' : 'ipv6');
    return true;
  } catch (cause) {
    if (cause instanceof RangeError) return false;
    throw cause;
  }
}

function portOf(text: string, rule: string): number {
  const port = Number(text);
  if (text !== '' && port >= 1 && port <= 65_535) return port;
  throw refuse(rule);
}

function refuse(rule: string): ProviderError {
  return new ProviderError(
    'CreateContainerConfigError',
    `annotation ${podAnnotations.egress}: "${rule}" is no rule: use a form such as 10.0.0.0/8:5432 or *.example.org:443`,
  );
}

/** What resolvers go by; other options say nothing to this one. */
export function dnsSpecOf({
  nameservers,
  searches,
  options,
}: NonNullable<ContainerConfig['network']>['dns']): DnsSpec {
  const numberOf = (name: string, least: number, most: number) => {
    const value = Number(options.find((option) => option.name === name)?.value);
    return Number.isInteger(value) && value >= least ? Math.min(value, most) : undefined;
  };
  const ndots = numberOf('ndots', 0, 15);
  const timeout = numberOf('timeout', 1, 30);
  const attempts = numberOf('attempts', 1, 5);
  return {
    servers: nameservers.filter((address) => isIP(address) !== 0),
    searches,
    ...(ndots !== undefined && { ndots }),
    ...(timeout !== undefined && { timeout }),
    ...(attempts !== undefined && { attempts }),
  };
}

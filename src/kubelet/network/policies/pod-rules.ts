import { canonicalAddress } from '../address-range.ts';
import { selects } from './label-selector.ts';
import type { NetworkPolicy, NetworkPolicyPeer, NetworkPolicyPort } from './network-policies.ts';
import type { PeerDirectory } from './peer-directory.ts';
import type { PeerPod } from './peer-pods.ts';

export interface PodRulesInit {
  /** The policies of the pod's namespace. */
  readonly policies: readonly NetworkPolicy[];
  readonly peers: PeerDirectory;
  /** Addresses of the pod's own node: to and from them everything passes. */
  readonly nodes: readonly string[];
}

type Direction = 'ingress' | 'egress';

/** A rule of either direction. */
interface Rule {
  readonly peers: readonly NetworkPolicyPeer[];
  readonly ports: readonly NetworkPolicyPort[];
}

interface PortNumbers {
  readonly protocol: string;
  readonly first: number;
  readonly last: number;
}

/**
 * What the NetworkPolicies of its namespace allow a pod, as text for its containers. Each line is
 * one of:
 *
 * - `isolates DIRECTION`: only what a rule allows passes, `ingress` or `egress`
 * - `nodes ADDRESS…`: passes always, as the pod's own addresses do
 * - `DIRECTION PORTS PEERS`: a rule. PORTS is `*`, or items as `TCP:80`, `UDP:*` and `TCP:8000-9000`
 *   with commas between; PEERS is `*`, addresses and ranges, and what is out of them behind a `!`
 *
 * @see https://kubernetes.io/docs/concepts/services-networking/network-policies/
 */
export function podRules(pod: PeerPod, { policies, peers, nodes }: PodRulesInit): string {
  const own = policies.filter(({ spec }) => selects(spec?.podSelector ?? {}, pod.labels));
  const lines = (['ingress', 'egress'] as const).flatMap((direction) => {
    const isolating = own.filter((policy) => isolates(policy, direction));
    if (isolating.length === 0) return [];
    const rules = isolating.flatMap((policy) => linesOf(policy, direction, pod, peers));
    return [`isolates ${direction}`, ...rules];
  });
  const always = lines.length > 0 && nodes.length > 0 ? [`nodes ${nodes.join(' ')}`] : [];
  return [...new Set([...lines, ...always])].map((line) => `${line}\n`).join('');
}

/** Without a list of types a policy is about ingress, and about egress where it has rules for it. */
function isolates({ spec }: NetworkPolicy, direction: Direction): boolean {
  const types = spec?.policyTypes;
  if (types && types.length > 0) {
    return types.some((type) => type.toLowerCase() === direction);
  }
  return direction === 'ingress' || (spec?.egress ?? []).length > 0;
}

function linesOf(
  policy: NetworkPolicy,
  direction: Direction,
  pod: PeerPod,
  peers: PeerDirectory,
): readonly string[] {
  const namespace = policy.metadata.namespace ?? '';
  return rulesOf(policy, direction).flatMap((rule) => {
    const selected = selectedBy(rule, namespace, peers);
    const ports =
      direction === 'ingress' ? [portsAt(rule, pod, selected)] : portsByPeer(rule, selected, peers);
    return ports.flatMap(({ numbers, to }) => lineOf(direction, numbers, to));
  });
}

function rulesOf({ spec }: NetworkPolicy, direction: Direction): readonly Rule[] {
  const rules =
    direction === 'ingress'
      ? (spec?.ingress ?? []).map(({ from, ports }) => ({ peers: from, ports }))
      : (spec?.egress ?? []).map(({ to, ports }) => ({ peers: to, ports }));
  return rules.map(({ peers, ports }) => ({ peers: peers ?? [], ports: ports ?? [] }));
}

/** Whom a rule means: everybody, or pods and blocks of addresses. */
type Selected =
  | 'everybody'
  | { readonly pods: readonly PeerPod[]; readonly blocks: readonly string[][] };

function selectedBy({ peers }: Rule, namespace: string, directory: PeerDirectory): Selected {
  if (peers.length === 0) return 'everybody';
  return {
    pods: [...new Set(peers.flatMap((peer) => directory.find(peer, namespace)))],
    blocks: peers.flatMap(({ ipBlock }) =>
      ipBlock ? [[ipBlock.cidr, ...(ipBlock.except ?? []).map((range) => `!${range}`)]] : [],
    ),
  };
}

/** Port numbers, and whom they are open to. No numbers are all of them. */
interface OpenPorts {
  readonly numbers: readonly PortNumbers[] | 'all';
  readonly to: Selected;
}

/** Names of ports are those of the pod that listens. */
function portsAt({ ports }: Rule, pod: PeerPod, to: Selected): OpenPorts {
  if (ports.length === 0) return { numbers: 'all', to };
  return { numbers: ports.flatMap((port) => numbersAt(port, pod)), to };
}

/** Each of the pods that listen may have another number for a name. */
function portsByPeer(
  { ports }: Rule,
  to: Selected,
  directory: PeerDirectory,
): readonly OpenPorts[] {
  if (ports.length === 0) return [{ numbers: 'all', to }];
  const [named, numbered] = [ports.filter(isNamed), ports.filter((port) => !isNamed(port))];
  const pods = to === 'everybody' ? directory.all : to.pods;
  const byNumbers = Map.groupBy(named.length === 0 ? [] : pods, (pod) =>
    JSON.stringify(named.flatMap((port) => numbersAt(port, pod))),
  );
  const ofNames = [...byNumbers.values()].map((group) => ({
    numbers: named.flatMap((port) => group.slice(0, 1).flatMap((pod) => numbersAt(port, pod))),
    to: { pods: group, blocks: [] },
  }));
  return [{ numbers: numbered.flatMap((port) => numbersAt(port)), to }, ...ofNames];
}

function isNamed({ port }: NetworkPolicyPort): boolean {
  return typeof port === 'string';
}

function numbersAt(
  { port, endPort, protocol: given }: NetworkPolicyPort,
  pod?: PeerPod,
): readonly PortNumbers[] {
  const protocol = given ?? 'TCP';
  if (protocol !== 'TCP' && protocol !== 'UDP') return [];
  if (port === undefined || port === null) return [{ protocol, first: 0, last: 65_535 }];
  if (typeof port === 'number') return [{ protocol, first: port, last: endPort ?? port }];
  const isMeant = (it: PeerPod['ports'][number]) => it.name === port && it.protocol === protocol;
  return (pod?.ports ?? [])
    .filter(isMeant)
    .map((it) => ({ protocol, first: it.port, last: it.port }));
}

/** One line for all pods and one for each block, as each has exceptions of its own. */
function lineOf(direction: Direction, numbers: OpenPorts['numbers'], to: Selected) {
  const ports = numbers === 'all' ? '*' : numbers.map(textOf).join(',');
  if (ports === '') return [];
  if (to === 'everybody') return [`${direction} ${ports} *`];
  const addresses = to.pods.flatMap((pod) => pod.addresses.map(canonicalAddress)).toSorted();
  const groups = addresses.length === 0 ? to.blocks : [addresses, ...to.blocks];
  return groups.map((peers) => [direction, ports, ...new Set(peers)].join(' '));
}

function textOf({ protocol, first, last }: PortNumbers): string {
  if (first === 0 && last === 65_535) return `${protocol}:*`;
  return first === last ? `${protocol}:${first}` : `${protocol}:${first}-${last}`;
}

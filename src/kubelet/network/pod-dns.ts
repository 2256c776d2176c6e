import type { Pod } from '../pods/schema/pod.ts';
import type { DnsConfig, DnsOption } from './resolv-conf.ts';

/** What a node's pods resolve names with. */
export interface NodeDns {
  /** Addresses of the cluster's DNS; without any, pods resolve names as the node does. */
  readonly clusterDNS: readonly string[];
  readonly clusterDomain: string;
  /** The node's own resolv.conf. */
  readonly host: DnsConfig;
}

/** What resolvers take, and the API server allows. */
const mostNameservers = 3;
const mostSearches = 32;

/**
 * How a pod resolves names, by its dnsPolicy and dnsConfig.
 * https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/#pod-s-dns-policy
 */
export function podDns({ metadata, spec }: Pod, node: NodeDns): DnsConfig {
  const base = baseOf(spec, metadata.namespace, node);
  const { nameservers, searches, options } = spec.dnsConfig ?? emptyConfig;
  return {
    nameservers: unique([...base.nameservers, ...nameservers]).slice(0, mostNameservers),
    searches: unique([...base.searches, ...searches]).slice(0, mostSearches),
    options: merged(base.options, options.map(namedOption)),
  };
}

const emptyConfig: DnsConfig = { nameservers: [], searches: [], options: [] };

function baseOf({ dnsPolicy, hostNetwork }: Pod['spec'], namespace: string, node: NodeDns) {
  if (dnsPolicy === 'None') return emptyConfig;
  const isOfCluster =
    dnsPolicy === 'ClusterFirstWithHostNet' || (dnsPolicy === 'ClusterFirst' && !hostNetwork);
  return isOfCluster && node.clusterDNS.length > 0 ? clusterConfig(namespace, node) : node.host;
}

function clusterConfig(namespace: string, { clusterDNS, clusterDomain, host }: NodeDns): DnsConfig {
  const services = `svc.${clusterDomain}`;
  return {
    nameservers: clusterDNS,
    searches: [`${namespace}.${services}`, services, clusterDomain, ...host.searches],
    options: [{ name: 'ndots', value: '5' }],
  };
}

function namedOption(option: {
  readonly name?: string | undefined;
  readonly value?: string | undefined;
}): DnsOption {
  const { name = '', value } = option;
  return value === undefined ? { name } : { name, value };
}

/** Of options that are given twice, the pod's count. */
function merged(base: readonly DnsOption[], own: readonly DnsOption[]): readonly DnsOption[] {
  return [...new Map([...base, ...own].map((option) => [option.name, option])).values()];
}

function unique(values: readonly string[]): string[] {
  return [...new Set(values)];
}

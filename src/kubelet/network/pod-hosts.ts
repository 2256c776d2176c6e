import type { Pod } from '../pods/schema/pod.ts';

export interface HostEntry {
  readonly address: string;
  readonly names: readonly string[];
}

/** The longest name that a host has on Linux. */
const longestHostname = 63;

/** A pod's own name: that of its spec, or its object's. */
export function podHostname({ metadata, spec }: Pod): string {
  return (spec.hostname || metadata.name).slice(0, longestHostname).replace(/[-.]+$/, '');
}

/** Its name in the cluster's DNS, which a pod with a subdomain has. */
export function podDomainName(pod: Pod, clusterDomain: string): string | undefined {
  const { subdomain } = pod.spec;
  if (!subdomain) return undefined;
  return `${podHostname(pod)}.${subdomain}.${pod.metadata.namespace}.svc.${clusterDomain}`;
}

/** What the pod's hosts file says: localhost, the pod itself, and its hostAliases. */
export function podHosts(
  pod: Pod,
  podIPs: readonly string[],
  clusterDomain: string,
): readonly HostEntry[] {
  const domainName = podDomainName(pod, clusterDomain);
  const names = [...(domainName === undefined ? [] : [domainName]), podHostname(pod)];
  return [
    { address: '127.0.0.1', names: ['localhost'] },
    { address: '::1', names: ['localhost', 'ip6-localhost', 'ip6-loopback'] },
    ...podIPs.map((address) => ({ address, names })),
    ...pod.spec.hostAliases.map(({ ip, hostnames }) => ({ address: ip, names: hostnames })),
  ];
}

/** As `/etc/hosts` has them. */
export function formatHosts(entries: readonly HostEntry[]): string {
  const lines = entries.map(({ address, names }) => [address, ...names].join('\t'));
  return ['# Kubernetes-managed hosts file.', ...lines, ''].join('\n');
}

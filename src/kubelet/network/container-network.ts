import { writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import path from 'node:path';
import type { PodDirectories } from '../pods/pod-directories.ts';
import type { Pod } from '../pods/schema/pod.ts';
import type { ContainerMount, ContainerNetwork } from '../provider.ts';
import { makeInMemory } from '../volumes/private-directory.ts';
import { type NodeDns, podDns } from './pod-dns.ts';
import { formatHosts, podDomainName, podHostname, podHosts } from './pod-hosts.ts';
import { formatResolvConf } from './resolv-conf.ts';

/** What a node's pods find of its network. */
export interface NodeNetworkFacts {
  readonly dns: NodeDns;
  /** Ports of the kubelet, which no pod shall reach by accident. */
  readonly kubeletPorts: readonly number[];
  readonly hostIPs: readonly string[];
  /** Addresses that the machine has beside those at this time, where the kubelet answers as well. @default none */
  readonly otherIPs?: () => readonly string[];
  /** Where the API server is, by its address. */
  readonly apiServer?: { readonly address: string; readonly port: number };
}

/** The network that the containers of a pod share. */
export function containerNetwork(
  pod: Pod,
  podIPs: readonly string[],
  facts: NodeNetworkFacts,
): ContainerNetwork {
  const { dns, kubeletPorts, apiServer } = facts;
  const declared = new Set(
    pod.spec.containers.flatMap(({ ports }) => ports.map((port) => port.containerPort)),
  );
  // The kubelet listens on every address of the machine, and a pod's is one; unless the pod does.
  const own = { addresses: podIPs, ports: kubeletPorts.filter((port) => !declared.has(port)) };
  return {
    dns: podDns(pod, dns),
    hosts: podHosts(pod, podIPs, dns.clusterDomain),
    guarded: [
      { addresses: kubeletAddresses(facts), ports: kubeletPorts },
      own,
      ...(apiServer ? [{ addresses: [apiServer.address], ports: [apiServer.port] }] : []),
    ].filter(({ addresses, ports }) => addresses.length > 0 && ports.length > 0),
  };
}

/** Whether the kubelet answers there. */
export function isKubelet(facts: NodeNetworkFacts, address: string, port: number): boolean {
  return facts.kubeletPorts.includes(port) && kubeletAddresses(facts).includes(address);
}

function kubeletAddresses({ hostIPs, otherIPs }: NodeNetworkFacts): readonly string[] {
  return [...new Set([...hostIPs, ...(otherIPs?.() ?? [])])];
}

/** The pod's name as its guests are told it; with `hostNetwork` the machine's. */
export function guestHostname(pod: Pod, clusterDomain: string): string {
  const { hostNetwork, setHostnameAsFQDN } = pod.spec;
  if (hostNetwork) return hostname();
  const domainName = setHostnameAsFQDN ? podDomainName(pod, clusterDomain) : undefined;
  return domainName ?? podHostname(pod);
}

/**
 * Writes the files that tell a pod of its network, and mounts their directory at `/etc`, for those
 * who look there; not where the container has a volume in that place.
 */
export function mountNetworkFiles(
  pod: Pod,
  { dns, hosts }: ContainerNetwork,
  init: {
    readonly hostname: string;
    readonly directories: PodDirectories;
    readonly mounts: readonly ContainerMount[];
  },
): readonly ContainerMount[] {
  const { directories, mounts } = init;
  if (mounts.some(({ containerPath }) => containerPath === '/etc' || containerPath === '/')) {
    return mounts;
  }
  const directory = makeInMemory(directories, pod.metadata, 'etc');
  const files = {
    hosts: formatHosts(hosts),
    'resolv.conf': formatResolvConf(dns),
    hostname: `${init.hostname}\n`,
  };
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(path.join(directory, name), text, { mode: 0o644 });
  }
  return [...mounts, { hostPath: directory, containerPath: '/etc', readOnly: true }];
}

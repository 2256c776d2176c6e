import { existsSync, readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import type { NodeNetworkFacts } from '../../kubelet/network/container-network.ts';
import { type DnsConfig, parseResolvConf } from '../../kubelet/network/resolv-conf.ts';
import { outwardAddresses } from '../../kubelet/node/machine/addresses.ts';

/** The first is systemd-resolved's: what the stub in the second stands for. */
const resolvConfs = ['/run/systemd/resolve/resolv.conf', '/etc/resolv.conf'];

export interface NodeNetworkInit {
  readonly clusterDNS: readonly string[];
  readonly clusterDomain: string;
  readonly hostIPs: readonly string[];
  readonly kubeletPorts: readonly number[];
  /** URL of the API server; guarded where it is named by its address. */
  readonly apiServer?: URL;
}

/** What this machine's pods are told of the network. */
export function nodeNetworkFacts(init: NodeNetworkInit): NodeNetworkFacts {
  const { clusterDNS, clusterDomain, hostIPs, kubeletPorts, apiServer } = init;
  const server = apiServer && endpointOf(apiServer);
  return {
    dns: { clusterDNS, clusterDomain, host: hostDns() },
    hostIPs,
    otherIPs: outwardAddresses,
    kubeletPorts,
    ...(server && { apiServer: server }),
  };
}

function hostDns(): DnsConfig {
  const file = resolvConfs.find((path) => existsSync(path));
  return parseResolvConf(file === undefined ? '' : readFileSync(file, 'utf8'));
}

function endpointOf({ hostname, port, protocol }: URL) {
  const address = hostname.replace(/^\[|\]$/g, '');
  if (isIP(address) === 0) return undefined;
  return { address, port: Number(port) || (protocol === 'https:' ? 443 : 80) };
}

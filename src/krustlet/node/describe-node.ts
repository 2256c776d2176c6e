import { detectNodeIP, isLoopback } from '../../kubelet/node/machine/addresses.ts';
import {
  allocatableOf,
  capacityOf,
  measureCapacity,
  type Reservation,
} from '../../kubelet/node/machine/capacity.ts';
import { readSystemInfo } from '../../kubelet/node/machine/system-info.ts';
import type { NodeDescription } from '../../kubelet/node/registration/node-description.ts';
import { forbiddenLabels } from '../../kubelet/node/registration/node-labels.ts';
import { quantityMillis, quantityUnits } from '../../kubelet/pods/quantity.ts';
import type { ProviderDescription } from '../../kubelet/provider.ts';
import { krustletVersion } from '../cli/krustlet-version.ts';
import { UserError } from '../cli/user-error.ts';
import type { NodeConfig } from '../node-config/node-config.ts';
import type { NodeLogger } from './node-logger.ts';

/** The Kubernetes release whose kubelet this node behaves like. */
const kubernetesVersion = '1.37.0';

/** What this program can do that a scheduler asks for, unless it is switched off. */
const features = ['ExtendWebSocketsToKubelet'] as const;

/**
 * All that the cluster is told about the node.
 *
 * @param server URL of the API server, if there is one
 */
export async function describeNode(
  config: NodeConfig,
  provider: ProviderDescription,
  server: string | undefined,
  log: NodeLogger,
): Promise<NodeDescription> {
  const machine = await measureCapacity(config.dataDir);
  const nodeIP = config.nodeIP ?? (await detectNodeIP(server));
  warnOfLoopback(nodeIP, server, log);
  return {
    nodeName: config.nodeName,
    hostname: config.hostname,
    nodeIPs: [nodeIP],
    port: config.listenerPort,
    labels: { ...standardLabels(provider), ...allowedLabels(config, log), ...provider.labels },
    taints: provider.taints,
    capacity: capacityOf(machine, config.maxPods),
    allocatable: allocatableOf(machine, reservation(config), config.maxPods),
    systemInfo: await readSystemInfo({
      containerRuntimeVersion: provider.runtimeVersion,
      kubeletVersion: `v${kubernetesVersion}+krustlet.${krustletVersion()}`,
      architecture: provider.architecture,
    }),
    runtimeHandlers: provider.runtimeHandlers,
    declaredFeatures: features.filter((name) => config.featureGates[name] !== false),
  };
}

function standardLabels({ architecture }: ProviderDescription): Record<string, string> {
  const os = process.platform === 'win32' ? 'windows' : process.platform;
  return {
    'kubernetes.io/os': os,
    'kubernetes.io/arch': architecture,
    'beta.kubernetes.io/os': os,
    'beta.kubernetes.io/arch': architecture,
  };
}

/** A label that the cluster would refuse would keep the whole node out. */
function allowedLabels({ nodeLabels }: NodeConfig, log: NodeLogger): Record<string, string> {
  const forbidden = forbiddenLabels(nodeLabels);
  for (const label of forbidden) {
    log.warn(`Label '${label}' is left out: a node may not set it on itself`);
  }
  return Object.fromEntries(
    Object.entries(nodeLabels).filter(([label]) => !forbidden.includes(label)),
  );
}

function reservation({ systemReserved }: NodeConfig): Reservation {
  const read = (name: string, parse: (text: string) => number): number => {
    const text = systemReserved[name];
    if (text === undefined) return 0;
    try {
      return parse(text);
    } catch (cause) {
      throw new UserError(
        `reading systemReserved.${name} '${text}' failed: give an amount such as 200m or 256Mi`,
        { cause },
      );
    }
  };
  return {
    cpuMillis: read('cpu', quantityMillis),
    memoryBytes: read('memory', quantityUnits),
    storageBytes: read('ephemeral-storage', quantityUnits),
  };
}

function warnOfLoopback(nodeIP: string, server: string | undefined, log: NodeLogger): void {
  if (server === undefined || !isLoopback(nodeIP)) return;
  const hostname = new URL(server).hostname.replace(/^\[|\]$/g, '');
  if (hostname === 'localhost' || isLoopback(hostname)) return;
  log.warn(`The API server cannot reach this node at '${nodeIP}': give --node-ip`);
}

import os from 'node:os';
import path from 'node:path';
import { stockThresholds } from '../../kubelet/eviction/eviction-thresholds.ts';
import type { GivenSettings } from './node-settings.ts';

type Defaulted =
  | 'listenerAddress'
  | 'listenerPort'
  | 'maxPods'
  | 'tlsCertificateFile'
  | 'tlsPrivateKeyFile'
  | 'nodeLabels'
  | 'hostname'
  | 'nodeName'
  | 'dataDir'
  | 'bootstrapFile'
  | 'kubeconfig'
  | 'pluginsDir'
  | 'devicePluginsDir'
  | 'allowLocalModules'
  | 'insecureRegistries'
  | 'registryMirrors'
  | 'healthzPort'
  | 'clusterDNS'
  | 'clusterDomain'
  | 'serviceProxy'
  | 'networkPolicy'
  | 'systemReserved'
  | 'evictionHard'
  | 'containerLogMaxSize'
  | 'containerLogMaxFiles'
  | 'imageGCHighThreshold'
  | 'imageGCLowThreshold'
  | 'maxParallelImagePulls'
  | 'drainOnShutdown'
  | 'shutdownGracePeriod'
  | 'featureGates'
  | 'sandbox';

/** The node's configuration: what was given, and defaults for the rest. Paths are absolute. */
export type NodeConfig = GivenSettings & Required<Pick<GivenSettings, Defaulted>>;

/** Fills in what was not given; stock kubelets' defaults where upstream Krustlet had none. */
export function nodeConfig(given: GivenSettings): NodeConfig {
  const hostname = given.hostname ?? os.hostname();
  const dataDir = path.resolve(given.dataDir ?? path.join(os.homedir(), '.krustlet'));
  const below = (...parts: string[]) => path.join(dataDir, ...parts);
  return {
    listenerAddress: '0.0.0.0',
    listenerPort: 3000,
    maxPods: 110,
    tlsCertificateFile: below('config', 'krustlet.crt'),
    tlsPrivateKeyFile: below('config', 'krustlet.key'),
    nodeLabels: {},
    nodeName: hostname.toLowerCase(),
    bootstrapFile: '/etc/kubernetes/bootstrap-kubelet.conf',
    kubeconfig: below('config', 'kubeconfig'),
    pluginsDir: below('plugins'),
    devicePluginsDir: below('device_plugins'),
    allowLocalModules: false,
    insecureRegistries: [],
    registryMirrors: [],
    healthzPort: 10_248,
    clusterDNS: [],
    clusterDomain: 'cluster.local',
    serviceProxy: 'auto',
    networkPolicy: 'auto',
    systemReserved: {},
    evictionHard: stockThresholds,
    containerLogMaxSize: 10 * 1024 * 1024,
    containerLogMaxFiles: 5,
    imageGCHighThreshold: 85,
    imageGCLowThreshold: 80,
    maxParallelImagePulls: 5,
    drainOnShutdown: false,
    shutdownGracePeriod: 30,
    featureGates: {},
    sandbox: 'required',
    ...given,
    hostname,
    dataDir,
  };
}

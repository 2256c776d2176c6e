import type { KubernetesObject } from '../api/object.ts';
import { parserOf, type Resource } from '../api/resource.ts';

/** core/v1 Node. */
export interface Node extends KubernetesObject {
  readonly spec?: NodeSpec | undefined;
  readonly status?: NodeStatus | undefined;
}

/** core/v1 NodeSpec. */
export interface NodeSpec {
  readonly podCIDR?: string | undefined;
  readonly podCIDRs?: readonly string[] | undefined;
  readonly providerID?: string | undefined;
  readonly unschedulable?: boolean | undefined;
  readonly taints?: readonly Taint[] | undefined;
}

/** core/v1 Taint. */
export interface Taint {
  readonly key: string;
  readonly value?: string | undefined;
  readonly effect: 'NoSchedule' | 'PreferNoSchedule' | 'NoExecute';
  readonly timeAdded?: string | undefined;
}

/** core/v1 NodeStatus. */
export interface NodeStatus {
  readonly capacity?: Readonly<Record<string, string>> | undefined;
  readonly allocatable?: Readonly<Record<string, string>> | undefined;
  readonly addresses?: readonly NodeAddress[] | undefined;
  readonly conditions?: readonly NodeCondition[] | undefined;
  readonly daemonEndpoints?: { readonly kubeletEndpoint: { readonly Port: number } } | undefined;
  readonly nodeInfo?: NodeSystemInfo | undefined;
  readonly images?: readonly NodeImage[] | undefined;
  readonly volumesInUse?: readonly string[] | undefined;
  readonly runtimeHandlers?: readonly RuntimeHandler[] | undefined;
  readonly declaredFeatures?: readonly string[] | undefined;
}

/** core/v1 NodeAddress. */
export interface NodeAddress {
  readonly type: 'InternalIP' | 'ExternalIP' | 'Hostname' | 'InternalDNS' | 'ExternalDNS';
  readonly address: string;
}

/** core/v1 NodeCondition. */
export interface NodeCondition {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason?: string | undefined;
  readonly message?: string | undefined;
  readonly lastHeartbeatTime?: string | undefined;
  readonly lastTransitionTime?: string | undefined;
}

/** core/v1 NodeSystemInfo. */
export interface NodeSystemInfo {
  readonly machineID: string;
  readonly systemUUID: string;
  readonly bootID: string;
  readonly kernelVersion: string;
  readonly osImage: string;
  readonly containerRuntimeVersion: string;
  readonly kubeletVersion: string;
  readonly kubeProxyVersion: string;
  readonly operatingSystem: string;
  readonly architecture: string;
}

/** core/v1 ContainerImage. */
export interface NodeImage {
  readonly names: readonly string[];
  readonly sizeBytes?: number | undefined;
}

/** core/v1 NodeRuntimeHandler. */
export interface RuntimeHandler {
  /** Empty for the default. */
  readonly name: string;
  readonly features?: Readonly<Record<string, boolean>> | undefined;
}

export const nodes: Resource<Node> = {
  apiVersion: 'v1',
  kind: 'Node',
  plural: 'nodes',
  namespaced: false,
  parse: parserOf('Node'),
};

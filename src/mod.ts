/**
 * What another kubelet is built from: implement `Provider`, then hand it to `runNode` to be a node
 * of a cluster, or to `runManifest` to run pods without one. What these two are made of stands
 * beside them, for whoever wants to put a node together differently.
 *
 * @module
 */

export { ApiListWatch } from './krator/cache/api-list-watch.ts';
export type { ListWatch } from './krator/cache/list-watch.ts';
export { LocalListWatch } from './krator/cache/local-list-watch.ts';
export { Reflector } from './krator/cache/reflector.ts';
export { Store } from './krator/cache/store.ts';
export { WorkQueue } from './krator/queue/work-queue.ts';
export { type MachineDefinition, ObjectMachines } from './krator/states/object-machines.ts';
export type { State, StateOptions } from './krator/states/state.ts';
export { type RunManifestOptions, runManifest } from './krustlet/embedding/run-manifest.ts';
export { type RunNodeOptions, runNode } from './krustlet/embedding/run-node.ts';
export type { GivenSettings } from './krustlet/node-config/node-settings.ts';
export { ClusterKubelet } from './kubelet/cluster/cluster-kubelet.ts';
export { ImageError } from './kubelet/images/image-error.ts';
export type { ImageRequest, ImageSource, PresentImage } from './kubelet/images/image-source.ts';
export { OciImages } from './kubelet/images/oci-images.ts';
export { ClientCredentials } from './kubelet/node/credentials/client-credentials.ts';
export type { NodeDescription } from './kubelet/node/registration/node-description.ts';
export { parseManifest } from './kubelet/pods/manifest.ts';
export { defaultPodSettings, type PodSettings } from './kubelet/pods/pod-components.ts';
export { PodDirectories } from './kubelet/pods/pod-directories.ts';
export { PodRunner } from './kubelet/pods/pod-runner.ts';
export type { Pod } from './kubelet/pods/schema/pod.ts';
export * from './kubelet/provider.ts';
export { runPods } from './kubelet/standalone/run-pods.ts';
export { ApiClient } from './kubernetes/api/api-client.ts';
export { ApiError, isApiError } from './kubernetes/api/api-error.ts';
export { ApiConnection } from './kubernetes/connection/api-connection.ts';
export { loadKubeconfig } from './kubernetes/kubeconfig/load-kubeconfig.ts';
export { Puller } from './oci/pull/puller.ts';
export { RegistryClient } from './oci/registry/registry-client.ts';
export { ImageStore } from './oci/store/image-store.ts';

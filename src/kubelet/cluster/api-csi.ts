import type { AbortOptions } from '../../kubernetes/abort-options.ts';
import type { ApiClient } from '../../kubernetes/api/api-client.ts';
import type { KubernetesObject } from '../../kubernetes/api/object.ts';
import { parserOf, type Resource } from '../../kubernetes/api/resource.ts';
import { type Node, nodes } from '../../kubernetes/resources/node.ts';
import { abortable } from '../abortable.ts';
import type { CsiAttachment, CsiCluster, CsiDriverSettings } from '../csi/csi-cluster.ts';
import type { CsiNodeInfo } from '../csi/csi-driver.ts';
import { unlessMissing } from './unless-missing.ts';

const storage = { apiVersion: 'storage.k8s.io/v1', namespaced: false } as const;

/** storage.k8s.io/v1 CSIDriver, as far as a node asks. */
interface CsiDriverObject extends KubernetesObject {
  readonly spec?: {
    readonly attachRequired?: boolean;
    readonly podInfoOnMount?: boolean;
    readonly volumeLifecycleModes?: readonly string[];
  };
}

const csiDrivers: Resource<CsiDriverObject> = {
  ...storage,
  kind: 'CSIDriver',
  plural: 'csidrivers',
  parse: parserOf('CSIDriver'),
};

/** storage.k8s.io/v1 VolumeAttachment, as far as a node asks. */
interface VolumeAttachment extends KubernetesObject {
  readonly status?: {
    readonly attached?: boolean;
    readonly attachmentMetadata?: Readonly<Record<string, string>>;
    readonly attachError?: { readonly message?: string };
  };
}

const volumeAttachments: Resource<VolumeAttachment> = {
  ...storage,
  kind: 'VolumeAttachment',
  plural: 'volumeattachments',
  parse: parserOf('VolumeAttachment'),
};

/** storage.k8s.io/v1 CSINode. */
export interface CsiNodeObject extends KubernetesObject {
  readonly spec: { readonly drivers: readonly CsiNodeDriver[] };
}

interface CsiNodeDriver {
  readonly name: string;
  readonly nodeID: string;
  readonly topologyKeys: readonly string[];
  readonly allocatable?: { readonly count: number };
}

export const csiNodes: Resource<CsiNodeObject> = {
  ...storage,
  kind: 'CSINode',
  plural: 'csinodes',
  parse: parserOf('CSINode'),
};

/** What `ApiCsi` needs. */
export interface ApiCsiComponents {
  readonly client: ApiClient;
  /** The Node, once the cluster has it. */
  readonly node: () => Promise<Node>;
}

/** What an API server says of drivers and volumes. The Node authorizer lets a node ask for all that. */
export class ApiCsi implements CsiCluster {
  readonly #client: ApiClient;
  readonly #node: () => Promise<Node>;
  #announcing: Promise<unknown> = Promise.resolve();

  constructor({ client, node }: ApiCsiComponents) {
    this.#client = client;
    this.#node = node;
  }

  async settingsOf(name: string, options?: AbortOptions): Promise<CsiDriverSettings> {
    const driver = await unlessMissing(this.#client.get(csiDrivers, { name }, options));
    return {
      attachRequired: driver?.spec?.attachRequired ?? true,
      podInfoOnMount: driver?.spec?.podInfoOnMount ?? false,
      lifecycleModes: driver?.spec?.volumeLifecycleModes ?? ['Persistent'],
    };
  }

  async attachment(name: string, options?: AbortOptions): Promise<CsiAttachment | undefined> {
    const object = await unlessMissing(this.#client.get(volumeAttachments, { name }, options));
    if (object === undefined) return undefined;
    const { attached = false, attachmentMetadata = {}, attachError } = object.status ?? {};
    const problem = attachError?.message;
    return { attached, metadata: attachmentMetadata, ...(problem !== undefined && { problem }) };
  }

  /** One driver at a time: all are in one object. */
  announce(driver: string, info: CsiNodeInfo, options?: AbortOptions): Promise<void> {
    const announce = () => this.#announce(driver, info, options);
    const announcing = this.#announcing.then(announce, announce);
    this.#announcing = announcing;
    return announcing;
  }

  async #announce(name: string, info: CsiNodeInfo, options?: AbortOptions): Promise<void> {
    // A node that ends before it has registered is never there.
    const { metadata } = await abortable(this.#node(), options?.signal);
    const own: CsiNodeDriver = {
      name,
      nodeID: info.nodeId,
      topologyKeys: Object.keys(info.topology),
      ...(info.maxVolumes > 0 && { allocatable: { count: info.maxVolumes } }),
    };
    const place = { name: metadata.name };
    const before = await unlessMissing(this.#client.get(csiNodes, place, options));
    if (before === undefined) {
      const { uid = '' } = metadata;
      const owner = { apiVersion: 'v1', kind: 'Node', name: metadata.name, uid };
      const spec = { drivers: [own] };
      const object = { metadata: { ...place, ownerReferences: [owner] }, spec };
      await this.#client.create(csiNodes, object, options);
    } else {
      const others = before.spec.drivers.filter((driver) => driver.name !== name);
      const { resourceVersion } = before.metadata;
      const body = { metadata: { resourceVersion }, spec: { drivers: [...others, own] } };
      await this.#client.patch(csiNodes, place, { kind: 'merge', body }, options);
    }
    if (own.topologyKeys.length === 0) return;
    const body = { metadata: { labels: info.topology } };
    await this.#client.patch(nodes, place, { kind: 'merge', body }, options);
  }
}

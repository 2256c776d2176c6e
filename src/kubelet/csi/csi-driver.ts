import { call } from '../../grpc/call.ts';
import type { AbortOptions } from '../../kubernetes/abort-options.ts';
import { csiNode, nodeCapabilities, type VolumeCapability } from './csi-api.ts';

/** What a driver says of the node. */
export interface CsiNodeInfo {
  /** The node's name with the driver. */
  readonly nodeId: string;
  /** Zero where it does not say. */
  readonly maxVolumes: number;
  readonly topology: Readonly<Record<string, string>>;
}

/** A volume as it is to be given to a pod. */
export interface CsiPublication {
  readonly volumeId: string;
  readonly publishContext: Readonly<Record<string, string>>;
  readonly volumeContext: Readonly<Record<string, string>>;
  readonly capability: VolumeCapability;
}

/** As long as stock kubelets wait. */
const answerWithin = 2 * 60_000;
const askWithin = 10_000;

/** The node service of a CSI driver. */
export class CsiDriver {
  readonly name: string;
  readonly info: CsiNodeInfo;
  readonly #address: { readonly path: string };
  readonly #capabilities: ReadonlySet<number>;

  /** Asks a driver what it says of the node, and what it can do. */
  static async connect(
    name: string,
    socket: string,
    { signal }: AbortOptions = {},
  ): Promise<CsiDriver> {
    const address = { path: socket };
    const options = { signal, timeout: askWithin };
    const { nodeId, maxVolumes, topology } = await call(address, csiNode.getInfo, {}, options);
    if (nodeId === '') throw new Error(`driver "${name}" gives the node no id`);
    const { capabilities } = await call(address, csiNode.getCapabilities, {}, options);
    const types = new Set(capabilities.flatMap(({ rpc }) => rpc?.type ?? []));
    const info = { nodeId, maxVolumes, topology: topology?.segments ?? {} };
    return new CsiDriver({ name, socket, info, capabilities: types });
  }

  constructor(init: {
    readonly name: string;
    readonly socket: string;
    readonly info: CsiNodeInfo;
    readonly capabilities: ReadonlySet<number>;
  }) {
    this.name = init.name;
    this.info = init.info;
    this.#address = { path: init.socket };
    this.#capabilities = init.capabilities;
  }

  /** Whether volumes are staged once for the node before pods have them. */
  get stages(): boolean {
    return this.#capabilities.has(nodeCapabilities.stageUnstage);
  }

  /** Whether it tells one writer on a node from many. */
  get tellsWriters(): boolean {
    return this.#capabilities.has(nodeCapabilities.singleNodeMultiWriter);
  }

  async stage(
    publication: CsiPublication,
    stagingTargetPath: string,
    secrets: Readonly<Record<string, string>>,
    options: AbortOptions = {},
  ): Promise<void> {
    const request = { ...publication, stagingTargetPath, secrets };
    await call(this.#address, csiNode.stage, request, { ...options, timeout: answerWithin });
  }

  async unstage(volumeId: string, stagingTargetPath: string): Promise<void> {
    const request = { volumeId, stagingTargetPath };
    await call(this.#address, csiNode.unstage, request, { timeout: answerWithin });
  }

  async publish(
    publication: CsiPublication,
    place: {
      readonly stagingTargetPath: string;
      readonly targetPath: string;
      readonly readOnly: boolean;
      readonly secrets: Readonly<Record<string, string>>;
    },
    options: AbortOptions = {},
  ): Promise<void> {
    const request = { ...publication, ...place };
    await call(this.#address, csiNode.publish, request, { ...options, timeout: answerWithin });
  }

  async unpublish(volumeId: string, targetPath: string): Promise<void> {
    const request = { volumeId, targetPath };
    await call(this.#address, csiNode.unpublish, request, { timeout: answerWithin });
  }
}

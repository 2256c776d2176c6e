import os from 'node:os';
import path from 'node:path';
import { OciImages } from '../../kubelet/images/oci-images.ts';
import { PodImages } from '../../kubelet/images/pod-images.ts';
import { UnpackedImages } from '../../kubelet/images/unpacked-images.ts';
import { PodAddresses } from '../../kubelet/network/pod-addresses.ts';
import { memoryDirectory, removeMemoryDirectory } from '../../kubelet/pods/memory-directory.ts';
import { defaultPodSettings } from '../../kubelet/pods/pod-components.ts';
import { PodDirectories } from '../../kubelet/pods/pod-directories.ts';
import type { EventSink } from '../../kubelet/pods/pod-ports.ts';
import { ProbeScheduler } from '../../kubelet/probes/probe-scheduler.ts';
import { LocalAdmission } from '../../kubelet/standalone/local-admission.ts';
import type { ManifestObjects } from '../../kubelet/standalone/manifest-objects.ts';
import type { RunPodsComponents } from '../../kubelet/standalone/run-pods.ts';
import { systemClock } from '../../kubernetes/clock.ts';
import { Puller } from '../../oci/pull/puller.ts';
import type { Keeper } from '../../wasi-provider/container-labels.ts';
import { WasiProvider } from '../../wasi-provider/wasi-provider.ts';
import type { Host } from '../cli/host.ts';
import { krustletVersion } from '../cli/krustlet-version.ts';
import { findWasmtime } from '../containers/find-wasmtime.ts';
import type { Machine } from '../containers/machine.ts';
import { openImageStore } from '../images/image-store.ts';
import { RegistryAccess } from '../images/registry-access.ts';
import { nodeNetworkFacts } from '../node/node-network-facts.ts';
import type { RegistryOptions } from '../options/registry-options.ts';

const loopback = '127.0.0.1';
/** Addresses of pods: the machine's own anyway, so that no route is needed. */
const podCIDR = '127.64.0.0/16';

export interface PodHostInit {
  readonly machine: Machine;
  /** Who looks after the containers. @default 'command' */
  readonly keeper?: Keeper;
  readonly objects: ManifestObjects;
  readonly events: EventSink;
  /** Whether ended containers stay to be looked at. */
  readonly keepContainers: boolean;
  /** Path of wasmtime's program. @default looked for */
  readonly wasmtime?: string | undefined;
}

/** Puts together what pods run with where there is no cluster. */
export class PodHost implements AsyncDisposable {
  readonly components: RunPodsComponents;
  readonly #access: RegistryAccess;

  constructor(components: RunPodsComponents, access: RegistryAccess) {
    this.components = components;
    this.#access = access;
  }

  /** Opens the image store and the way to registries. */
  static async open(host: Host, options: RegistryOptions, init: PodHostInit): Promise<PodHost> {
    const { machine, objects, events, keepContainers, keeper = 'command' } = init;
    const access = new RegistryAccess(host, options);
    const store = await openImageStore(machine.dataDir);
    const puller = new Puller({ store, client: access.client }, { allowLocalModules: true });
    const wasmtime = await findWasmtime({ env: host.env, given: init.wasmtime });
    const provider = new WasiProvider(
      { runtime: machine.runtime },
      {
        version: krustletVersion(),
        keeper,
        ...(wasmtime.kind === 'found' && { wasmtime: wasmtime.path }),
      },
    );
    const { runtimeHandlers } = await provider.describe();
    const unpacked = new UnpackedImages({
      store,
      directory: path.join(machine.dataDir, 'images', 'unpacked'),
    });
    const source = new OciImages({ puller, unpacked });
    const { credentials } = access;
    const components: RunPodsComponents = {
      provider,
      images: new PodImages({ source, objects, events, credentials, now: () => Date.now() }),
      objects,
      network: new PodAddresses({ clock: systemClock }, { cidrs: [podCIDR], hostIPs: [loopback] }),
      admission: new LocalAdmission(runtimeHandlers),
      events,
      services: { of: async () => new Map() },
      probes: new ProbeScheduler({ clock: systemClock }),
      node: nodeFacts(),
      directories: new PodDirectories(machine.dataDir, {
        memory: memoryDirectory(machine.dataDir),
      }),
      settings: {
        ...defaultPodSettings,
        network: nodeNetworkFacts({
          clusterDNS: [],
          clusterDomain: 'cluster.local',
          hostIPs: [loopback],
          kubeletPorts: [],
        }),
        defaultUser: { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0, groups: [] },
        keepLogs: true,
        keepContainers,
      },
      clock: systemClock,
    };
    return new PodHost(components, access);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await removeMemoryDirectory(this.components.directories.memory);
    await this.#access[Symbol.asyncDispose]();
  }
}

/** What pods are told of the machine. */
function nodeFacts() {
  return {
    nodeName: os.hostname(),
    hostIPs: [loopback],
    allocatable: { cpu: String(os.availableParallelism()), memory: String(os.totalmem()) },
  };
}

import os from 'node:os';
import path from 'node:path';
import type { ImageSource } from '../../kubelet/images/image-source.ts';
import { OciImages } from '../../kubelet/images/oci-images.ts';
import { PodImages } from '../../kubelet/images/pod-images.ts';
import { UnpackedImages } from '../../kubelet/images/unpacked-images.ts';
import { PodAddresses } from '../../kubelet/network/pod-addresses.ts';
import { RestingAddresses } from '../../kubelet/network/resting-addresses.ts';
import { memoryDirectory, removeMemoryDirectory } from '../../kubelet/pods/memory-directory.ts';
import { defaultPodSettings } from '../../kubelet/pods/pod-components.ts';
import { PodDirectories } from '../../kubelet/pods/pod-directories.ts';
import type { EventSink } from '../../kubelet/pods/pod-ports.ts';
import { ProbeScheduler } from '../../kubelet/probes/probe-scheduler.ts';
import type { Provider } from '../../kubelet/provider.ts';
import { LocalAdmission } from '../../kubelet/standalone/local-admission.ts';
import type { ManifestObjects } from '../../kubelet/standalone/manifest-objects.ts';
import type { RunPodsComponents } from '../../kubelet/standalone/run-pods.ts';
import { systemClock } from '../../kubernetes/clock.ts';
import { Puller } from '../../oci/pull/puller.ts';
import type { Host } from '../cli/host.ts';
import { openImageStore } from '../images/image-store.ts';
import { RegistryAccess } from '../images/registry-access.ts';
import { nodeNetworkFacts } from '../node/node-network-facts.ts';
import type { RegistryOptions } from '../options/registry-options.ts';

const loopback = '127.0.0.1';
/** Addresses of pods: the machine's own anyway, so that no route is needed. */
const podCIDR = '127.64.0.0/16';

export interface PodHostInit {
  readonly provider: Provider;
  /** Where images come from. @default registries and local modules */
  readonly imageSource?: ImageSource;
  /** Absolute path of the folder with images and pods. */
  readonly dataDir: string;
  readonly objects: ManifestObjects;
  readonly events: EventSink;
  /** Whether ended containers stay to be looked at. */
  readonly keepContainers: boolean;
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
  static async open(
    env: Host['env'],
    options: RegistryOptions,
    init: PodHostInit,
  ): Promise<PodHost> {
    const { provider, dataDir, objects, events, keepContainers } = init;
    const access = new RegistryAccess(env, options);
    const directories = new PodDirectories(dataDir, { memory: memoryDirectory(dataDir) });
    const source = init.imageSource ?? (await openOciImages(dataDir, directories, access));
    const { runtimeHandlers } = await provider.describe();
    const { credentials } = access;
    const components: RunPodsComponents = {
      provider,
      images: new PodImages({ source, objects, events, credentials, now: () => Date.now() }),
      objects,
      network: new PodAddresses(
        { resting: new RestingAddresses({ clock: systemClock }) },
        { cidrs: [podCIDR], hostIPs: [loopback] },
      ),
      admission: new LocalAdmission(runtimeHandlers),
      events,
      services: { of: async () => new Map() },
      probes: new ProbeScheduler({ clock: systemClock }),
      node: nodeFacts(),
      directories,
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

async function openOciImages(
  dataDir: string,
  directories: PodDirectories,
  { client }: RegistryAccess,
): Promise<OciImages> {
  const store = await openImageStore(dataDir);
  const directory = path.join(dataDir, 'images', 'unpacked');
  return new OciImages({
    puller: new Puller({ store, client }, { allowLocalModules: true }),
    unpacked: new UnpackedImages({ store, directories, directory }),
  });
}

/** What pods are told of the machine. */
function nodeFacts() {
  return {
    nodeName: os.hostname(),
    hostIPs: [loopback],
    allocatable: { cpu: String(os.availableParallelism()), memory: String(os.totalmem()) },
  };
}

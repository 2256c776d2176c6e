import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { Store } from '../../krator/cache/store.ts';
import type { ApiClient } from '../../kubernetes/api/api-client.ts';
import type { Clock } from '../../kubernetes/clock.ts';
import { messageOf } from '../../kubernetes/message-of.ts';
import type { NodeImage } from '../../kubernetes/resources/node.ts';
import { NodeAdmission } from '../admission/node-admission.ts';
import { NodeStorage } from '../csi/node-storage.ts';
import { NodeDevices } from '../devices/node-devices.ts';
import { EvictionManager } from '../eviction/eviction-manager.ts';
import { measureHeadrooms } from '../eviction/eviction-signals.ts';
import {
  type EvictionThreshold,
  parseThresholds,
  stockThresholds,
} from '../eviction/eviction-thresholds.ts';
import type { ImageSource } from '../images/image-source.ts';
import { PodImages } from '../images/pod-images.ts';
import { NodeNetwork } from '../network/node-network.ts';
import { NodeAgent, type NodeAgentInit } from '../node/node-agent.ts';
import type { NodeLog } from '../node/node-log.ts';
import { type NodeDescription, newNode } from '../node/registration/node-description.ts';
import type { PodComponents, PodSettings } from '../pods/pod-components.ts';
import type { PodDirectories } from '../pods/pod-directories.ts';
import { PodRunner } from '../pods/pod-runner.ts';
import type { Pod } from '../pods/schema/pod.ts';
import { type ProbeRun, ProbeScheduler } from '../probes/probe-scheduler.ts';
import type { Provider } from '../provider.ts';
import { AllPods } from '../static-pods/all-pods.ts';
import { MirrorPods } from '../static-pods/mirror-pods.ts';
import { SourcedPods } from '../static-pods/sourced-pods.ts';
import { ClaimedVolumes } from '../volumes/claims/claimed-volumes.ts';
import { ApiClaims } from './api-claims.ts';
import { ApiCsi } from './api-csi.ts';
import { ApiObjects } from './api-objects.ts';
import { ApiPods } from './api-pods.ts';
import { assignedPodCIDRs, followPodCIDRs } from './assigned-pod-cidrs.ts';
import { ClusterCaches } from './cluster-caches.ts';
import type { ClusterRoutes } from './cluster-routes.ts';
import { EventRecorder } from './event-recorder.ts';
import { openClusterRoutes } from './open-cluster-routes.ts';
import { ClusterServices } from './service-variables.ts';
import { UnreadablePods } from './unreadable-pods.ts';

/** What `ClusterKubelet` needs. */
export interface ClusterKubeletComponents {
  readonly client: ApiClient;
  readonly provider: Provider;
  readonly images: ImageSource;
  /** Images on the node, for its status. @default none */
  readonly nodeImages?: () => Promise<readonly NodeImage[]>;
  /** Pods that have their source on this node, kept up to date by it. @default none */
  readonly staticPods?: { readonly store: Store<Pod, string>; readonly synced: Promise<void> };
  /** Frees disk without harm to any pod. @default nothing */
  readonly reclaimDisk?: () => Promise<void>;
  /** Why the node cannot run pods now. @default nothing */
  readonly trouble?: () => string | undefined;
  /** Hears of every state that a pod enters. */
  readonly onPodState?: (state: string, pod: Pod) => void;
  /** Hears of each try to start a container that failed, and of its reason. */
  readonly onStartFailure?: (reason: string) => void;
  /** Hears of each Event that is given up because too many wait, or the API server is away. */
  readonly onEventDropped?: () => void;
  /** Hears of every run of a probe. */
  readonly onProbe?: (run: ProbeRun) => void;
  readonly directories: PodDirectories;
  readonly log: NodeLog;
  readonly clock: Clock;
}

/** What the node is, and how it runs its pods. */
export interface ClusterKubeletInit {
  readonly description: NodeDescription;
  readonly settings: PodSettings;
  /** Where pods get their addresses. @default what the cluster gives the node */
  readonly podCIDRs?: readonly string[];
  /** Folder whose file system counts as the node's. */
  readonly dataDirectory: string;
  /** When pods are evicted. @default as stock kubelets */
  readonly thresholds?: readonly EvictionThreshold[];
  /** Where device plugins register. @default there are none */
  readonly devicePluginsDirectory?: string;
  /** Where CSI drivers register. @default there are none */
  readonly pluginsDirectory?: string;
  readonly agent?: NodeAgentInit;
  /** Whether containers are told where Services lead, as far as the node may know. @default true */
  readonly serviceProxy?: boolean;
  /** Whether NetworkPolicies are enforced, as far as the node may know them. @default true */
  readonly networkPolicy?: boolean;
}

/** A kubelet in a cluster: the node in it, and the pods that are bound to the node. */
export class ClusterKubelet {
  /** Stands for the node in its cluster. */
  readonly agent: NodeAgent;
  readonly runner: PodRunner;
  /** What the node keeps in memory of its cluster. */
  readonly caches: ClusterCaches;
  /** What containers are told of Services and NetworkPolicies. */
  readonly routes: ClusterRoutes;
  /** Where pods get their addresses. */
  readonly network: NodeNetwork;
  /** All pods of the node, whatever their source; mirrors are left out. */
  readonly pods: Store<Pod, string>;
  readonly #components: ClusterKubeletComponents;
  readonly #init: ClusterKubeletInit;
  readonly #mirrors: MirrorPods;
  readonly #staticPods: NonNullable<ClusterKubeletComponents['staticPods']>;
  readonly #events: EventRecorder;
  readonly #unreadable: UnreadablePods;
  readonly #eviction: EvictionManager;
  readonly #devices: NodeDevices | undefined;
  readonly #objects: ApiObjects;
  readonly #storage: NodeStorage | undefined;

  constructor(components: ClusterKubeletComponents, init: ClusterKubeletInit) {
    this.#components = components;
    this.#init = init;
    const { client, log, clock } = components;
    const { description } = init;
    const { nodeName } = description;
    this.agent = new NodeAgent(
      {
        client,
        log,
        clock,
        description,
        pressures: () => this.#eviction.pressures(),
        devices: () => this.#devices?.amounts ?? { capacity: {}, allocatable: {} },
        volumesInUse: () => this.#storage?.volumes.inUse ?? [],
        onEvent: (node, event) => this.#events.recordOfNode(node, event),
        ...(components.nodeImages && { images: components.nodeImages }),
        ...(components.trouble && { trouble: components.trouble }),
      },
      init.agent,
    );
    this.#eviction = this.#createEviction(components, init);
    const { onEventDropped } = components;
    this.#events = new EventRecorder({ client, nodeName, log, clock, onDrop: onEventDropped });
    this.caches = new ClusterCaches({
      client,
      log,
      nodeName,
      onUnreadablePod: (object, problem) => this.#unreadable.take(object, problem),
    });
    const { pods } = this.caches;
    this.#unreadable = new UnreadablePods({ client, clock, log, events: this.#events, pods });
    this.routes = openClusterRoutes(
      {
        ...components,
        services: this.caches.services,
        servicesSynced: this.caches.servicesSynced,
        pods: () =>
          this.runner.contexts().map(({ manifest, podIPs }) => ({ pod: manifest.current, podIPs })),
      },
      init,
    );
    this.network = new NodeNetwork(
      {
        clock,
        warn: (message) => log.warn(message),
        podCIDRs: async () =>
          init.podCIDRs ?? (await assignedPodCIDRs({ agent: this.agent, clock })),
      },
      { hostIPs: description.nodeIPs, restingDirectory: path.join(init.dataDirectory, 'resting') },
    );
    this.#staticPods = components.staticPods ?? { store: new Store(), synced: Promise.resolve() };
    this.pods = this.#allPods().store;
    this.#mirrors = new MirrorPods({
      client,
      clock,
      atServer: this.caches.pods,
      staticPods: this.#staticPods,
      node: () => this.agent.registered,
      onError: (error) => log.warn(`Cannot mirror a static pod: ${messageOf(error)}`),
    });
    const synced = Promise.all([this.caches.podsSynced, this.#staticPods.synced]);
    this.#objects = new ApiObjects({ client, onError: (error) => log.warn(messageOf(error)) });
    this.#storage = this.#createStorage(components, init, synced);
    this.#devices = this.#createDevices(components, init, synced);
    this.runner = new PodRunner(
      { ...this.#podComponents(components, init), store: this.pods },
      {
        synced: synced.then(() => undefined),
        ...(components.onPodState && { onEnter: components.onPodState }),
      },
    );
  }

  /** Runs until the signal aborts; containers go on then, and a later life takes them over. */
  async run({ signal }: { readonly signal: AbortSignal }): Promise<void> {
    using followed = new DisposableStack();
    const { agent, network } = this;
    const { log } = this.#components;
    if (!this.#init.podCIDRs) followed.use(followPodCIDRs({ agent, network, log }));
    await Promise.all([
      this.agent.run({ signal }),
      this.#events.run({ signal }),
      this.caches.run({ signal }),
      this.#unreadable.run({ signal }),
      this.routes.run({ signal }),
      this.runner.run({ signal }),
      this.#mirrors.run({ signal }),
      this.#eviction.run({ signal }),
      this.#devices?.run({ signal }),
      this.#storage?.run({ signal }),
    ]);
  }

  #createStorage(
    { client, clock, directories, log }: ClusterKubeletComponents,
    { description: { nodeName }, pluginsDirectory }: ClusterKubeletInit,
    synced: Promise<unknown>,
  ): NodeStorage | undefined {
    if (pluginsDirectory === undefined) return undefined;
    const cluster = new ApiCsi({ client, node: () => this.agent.registered });
    const activePods = async (): Promise<ReadonlySet<string>> => {
      await Promise.all([synced, this.runner.orphansEnded]);
      return new Set(this.pods.list().map(({ metadata: { uid } }) => uid));
    };
    const onChange = (): void => this.agent.refresh();
    const objects = this.#objects;
    return new NodeStorage(
      { activePods, clock, cluster, directories, log, objects, onChange },
      { nodeName, pluginsDirectory },
    );
  }

  #createDevices(
    { clock, log }: ClusterKubeletComponents,
    { devicePluginsDirectory: directory }: ClusterKubeletInit,
    synced: Promise<unknown>,
  ): NodeDevices | undefined {
    if (directory === undefined) return undefined;
    const activePods = async (): Promise<ReadonlySet<string>> => {
      await synced;
      return new Set(this.pods.list().map(({ metadata: { uid } }) => uid));
    };
    const onChange = (): void => this.agent.refresh();
    const now = (): number => clock.now();
    return new NodeDevices({ activePods, events: this.#events, log, now, onChange }, directory);
  }

  #createEviction(
    { log, clock, reclaimDisk }: ClusterKubeletComponents,
    { dataDirectory, thresholds }: ClusterKubeletInit,
  ): EvictionManager {
    const imagesDirectory = path.join(dataDirectory, 'images');
    return new EvictionManager(
      {
        pods: () => this.runner.contexts(),
        measure: async () => {
          await mkdir(imagesDirectory, { recursive: true });
          return await measureHeadrooms({ dataDirectory, imagesDirectory });
        },
        reclaimDisk: reclaimDisk ?? (async () => undefined),
        onEvent: (event) => {
          const { node } = this.agent;
          if (node) this.#events.recordOfNode(node, event);
        },
        clock,
        log,
      },
      { thresholds: thresholds ?? parseThresholds(stockThresholds) },
    );
  }

  #allPods(): AllPods {
    return new AllPods([this.#staticPods.store, this.caches.pods], {
      onRefused: (pod) => this.#unreadable.refuse(pod, 'a static pod of this node has its name'),
    });
  }

  #podComponents(
    components: ClusterKubeletComponents,
    { description, settings }: ClusterKubeletInit,
  ): PodComponents {
    const { client, provider, images, directories, clock, onProbe } = components;
    const { nodeIPs, nodeName, allocatable } = description;
    const events = this.#events;
    const objects = this.#objects;
    const { services: store, servicesSynced: synced } = this.caches;
    const admission = new NodeAdmission({
      node: () => this.agent.node ?? newNode(description),
      runtimeHandlers: description.runtimeHandlers,
      handlerOf: (name, options) => this.caches.handlerOf(name, options),
    });
    return {
      provider,
      directories,
      settings,
      clock,
      objects,
      events,
      network: this.network,
      routes: this.routes,
      pods: new SourcedPods({ ofServer: new ApiPods(client), ofFiles: this.#mirrors }),
      images: new PodImages({ source: images, objects, events, now: () => clock.now() }),
      services: new ClusterServices({ store, synced }),
      claims: new ClaimedVolumes({
        reader: new ApiClaims(client),
        node: () => ({ name: nodeName, labels: this.agent.node?.metadata.labels ?? {} }),
      }),
      probes: new ProbeScheduler({ clock, ...(onProbe && { onProbe }) }),
      ...(components.onStartFailure && { onStartFailure: components.onStartFailure }),
      node: { nodeName, hostIPs: nodeIPs, allocatable },
      admission: this.#devices?.admission(admission) ?? admission,
      ...(this.#devices && { devices: this.#devices.ofPods }),
      ...(this.#storage && { csi: this.#storage.volumes }),
    };
  }
}

import path from 'node:path';
import { ClusterKubelet } from '../../kubelet/cluster/cluster-kubelet.ts';
import {
  type EvictionThreshold,
  parseThresholds,
} from '../../kubelet/eviction/eviction-thresholds.ts';
import type { ImageSource } from '../../kubelet/images/image-source.ts';
import { OciImages } from '../../kubelet/images/oci-images.ts';
import { UnpackedImages } from '../../kubelet/images/unpacked-images.ts';
import { KubeletMetrics } from '../../kubelet/metrics/kubelet-metrics.ts';
import { observeProvider } from '../../kubelet/metrics/observed-provider.ts';
import type { NodeNetworkFacts } from '../../kubelet/network/container-network.ts';
import { ServingCredentials } from '../../kubelet/node/credentials/serving-credentials.ts';
import type { NodeDescription } from '../../kubelet/node/registration/node-description.ts';
import { drainPods } from '../../kubelet/pods/drain-pods.ts';
import { memoryDirectory, removeMemoryDirectory } from '../../kubelet/pods/memory-directory.ts';
import { OverdueEnds } from '../../kubelet/pods/overdue-ends.ts';
import { defaultPodSettings } from '../../kubelet/pods/pod-components.ts';
import { PodDirectories } from '../../kubelet/pods/pod-directories.ts';
import type { Provider } from '../../kubelet/provider.ts';
import type { KubeletServer } from '../../kubelet/server/kubelet-server.ts';
import { RunnerHost } from '../../kubelet/server/runner-host.ts';
import { StatsCollector } from '../../kubelet/stats/stats-collector.ts';
import type { ApiClient } from '../../kubernetes/api/api-client.ts';
import { systemClock } from '../../kubernetes/clock.ts';
import { untilAborted } from '../../kubernetes/until-aborted.ts';
import { Puller } from '../../oci/pull/puller.ts';
import type { RegistryClient } from '../../oci/registry/registry-client.ts';
import type { ImageStore } from '../../oci/store/image-store.ts';
import { UserError } from '../cli/user-error.ts';
import type { NodeConfig } from '../node-config/node-config.ts';
import { HealthServer } from './health-server.ts';
import { imagesInUse } from './images-in-use.ts';
import { NodeImages } from './node-images.ts';
import type { NodeLogger } from './node-logger.ts';
import { nodeNetworkFacts } from './node-network-facts.ts';
import { nodeServer } from './node-server.ts';
import { runTogether } from './run-together.ts';
import type { StaticPods } from './static-pods.ts';

export interface ClusterNodeComponents {
  readonly client: ApiClient;
  readonly provider: Provider;
  readonly images: ImageStore;
  readonly registries: RegistryClient;
  /** Where images come from. @default the registries */
  readonly imageSource?: ImageSource;
  /** Static pods of this node, where it has a folder for them. */
  readonly staticPods?: StaticPods;
  readonly log: NodeLogger;
}

export interface ClusterNodeInit {
  readonly config: NodeConfig;
  readonly description: NodeDescription;
  /** URL of the API server. */
  readonly apiServer: string;
  /** PEM of the authority that proves users of the kubelet's API. */
  readonly clientCa: string | undefined;
}

/** A node of a cluster: the kubelet, its API, and the care for its images. */
export class ClusterNode {
  readonly #init: ClusterNodeInit;
  readonly #log: NodeLogger;
  readonly #client: ApiClient;
  readonly #kubelet: ClusterKubelet;
  readonly #host: RunnerHost;
  readonly #images: NodeImages;
  readonly #unpacked: UnpackedImages;
  readonly #metrics: KubeletMetrics;
  readonly #ends = new OverdueEnds({ clock: systemClock });
  #hasSynced = false;
  readonly #credentials: ServingCredentials;
  readonly #server: KubeletServer;
  readonly #staticPods: StaticPods | undefined;

  constructor(components: ClusterNodeComponents, init: ClusterNodeInit) {
    this.#init = init;
    this.#log = components.log;
    this.#client = components.client;
    this.#staticPods = components.staticPods;
    const directories = new PodDirectories(init.config.dataDir, {
      memory: memoryDirectory(init.config.dataDir),
    });
    this.#metrics = new KubeletMetrics(
      {
        now: () => systemClock.now(),
        running: () => this.#host.runningCounts(),
        routes: () => this.#kubelet.routes.active,
      },
      { nodeName: init.description.nodeName },
    );
    this.#unpacked = new UnpackedImages({
      store: components.images,
      directories,
      directory: path.join(init.config.dataDir, 'images', 'unpacked'),
    });
    this.#kubelet = this.#createKubelet(components, directories);
    this.#images = this.#createImages(components);
    this.#host = new RunnerHost({
      runner: this.#kubelet.runner,
      store: this.#kubelet.pods,
      directories,
      trouble: () => this.#trouble(),
      configuration: () => init.config,
    });
    this.#credentials = this.#createCredentials(components);
    this.#server = this.#createServer(components);
    void this.#kubelet.caches.podsSynced.then(() => {
      this.#hasSynced = true;
    });
    void this.#kubelet.agent.registered.then(() => this.#metrics.nodeStarted());
  }

  /** Runs until the signal aborts. Containers go on then, unless they are drained. */
  async run({ signal }: { readonly signal: AbortSignal }): Promise<void> {
    const { config } = this.#init;
    await this.#credentials.load();
    this.#server.useCertificate(this.#credentials.current);
    const port = await this.#server.listen({ signal });
    this.#log.info(`Serving the kubelet's API at ${config.listenerAddress}:${port}`);
    await using health = new HealthServer(() => this.#host.checkSyncLoop());
    if (config.healthzPort !== 0) await health.listen(config.healthzPort);
    try {
      // The last part ends the others: not before pods were drained.
      await runTogether([
        (options) => this.#kubelet.run(options),
        (options) => this.#credentials.run(this.#client, options),
        (options) => this.#images.run(options),
        (options) => this.#staticPods?.run(options) ?? untilAborted(options.signal),
        ({ signal: failing }) => this.#drainWhenAborted(signal, failing),
      ]);
    } finally {
      await this.#server.close();
      await removeMemoryDirectory(memoryDirectory(config.dataDir));
    }
  }

  /** Resolves when the node shall stop: at once, or when its pods have ended. */
  async #drainWhenAborted(signal: AbortSignal, failing: AbortSignal): Promise<void> {
    await untilAborted(AbortSignal.any([signal, failing]));
    const { drainOnShutdown, shutdownGracePeriod } = this.#init.config;
    // A part that failed leaves nobody to end pods, and a next life to take them over.
    if (!drainOnShutdown || failing.aborted) return;
    this.#log.info(`Ending all pods within ${shutdownGracePeriod} s`);
    await this.#kubelet.agent.markShuttingDown().catch((error) => {
      this.#log.error('Cannot tell the cluster that the node stops', error);
    });
    const drain = { clock: systemClock, graceSeconds: shutdownGracePeriod };
    await drainPods(this.#kubelet.runner.contexts(), drain);
    await this.#kubelet.network.removeRoutes().catch((error) => {
      this.#log.error("Cannot take back the route to pods' addresses", error);
    });
  }

  #createKubelet(components: ClusterNodeComponents, directories: PodDirectories): ClusterKubelet {
    const { config, description } = this.#init;
    const { client, provider, staticPods, log } = components;
    return new ClusterKubelet(
      {
        client,
        provider: observeProvider({ provider, observer: this.#metrics.containers }),
        directories,
        log,
        images: components.imageSource ?? this.#ociImages(components),
        nodeImages: () => this.#images.list(),
        reclaimDisk: () => this.#images.reclaim(),
        ...(staticPods && { staticPods }),
        clock: systemClock,
        onPodState: (state, pod) => {
          this.#metrics.podEntered(state, pod);
          this.#ends.entered(state, pod);
        },
        onStartFailure: (reason) => this.#metrics.containers.failed(reason),
        onEventDropped: () => this.#metrics.eventDropped(),
        onProbe: (run) => this.#metrics.probes.probed(run),
      },
      {
        description,
        dataDirectory: config.dataDir,
        devicePluginsDirectory: config.devicePluginsDir,
        pluginsDirectory: config.pluginsDir,
        serviceProxy: config.serviceProxy === 'auto',
        networkPolicy: config.networkPolicy === 'auto',
        thresholds: readThresholds(config),
        ...(config.podCIDR !== undefined && { podCIDRs: config.podCIDR.split(',') }),
        settings: {
          ...defaultPodSettings,
          network: this.#networkFacts(),
          defaultUser: { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0, groups: [] },
          logMaxBytes: config.containerLogMaxSize,
          logMaxFiles: config.containerLogMaxFiles,
        },
      },
    );
  }

  #ociImages({ images: store, registries: client }: ClusterNodeComponents): OciImages {
    const { allowLocalModules, maxParallelImagePulls } = this.#init.config;
    return new OciImages({
      puller: new Puller(
        { store, client },
        { allowLocalModules, maxConcurrentDownloads: maxParallelImagePulls },
      ),
      unpacked: this.#unpacked,
    });
  }

  #trouble(): string | undefined {
    if (!this.#hasSynced) return 'the pods of this node are not known yet';
    if (!this.#kubelet.runner.isRunning) return 'the containers on this node are not known yet';
    return this.#ends.problem;
  }

  #networkFacts(): NodeNetworkFacts {
    const { apiServer, config, description } = this.#init;
    return nodeNetworkFacts({
      clusterDNS: config.clusterDNS,
      clusterDomain: config.clusterDomain,
      hostIPs: description.nodeIPs,
      kubeletPorts: [config.listenerPort],
      apiServer: new URL(apiServer),
    });
  }

  #createImages({ images, log }: ClusterNodeComponents): NodeImages {
    const { config } = this.#init;
    return new NodeImages(
      {
        store: images,
        unpacked: this.#unpacked,
        directory: config.dataDir,
        inUse: () => imagesInUse(this.#kubelet.pods.list()),
        log,
      },
      { highThreshold: config.imageGCHighThreshold, lowThreshold: config.imageGCLowThreshold },
    );
  }

  #createCredentials({ log }: ClusterNodeComponents): ServingCredentials {
    const { config, description } = this.#init;
    return new ServingCredentials(
      { log },
      {
        nodeName: config.nodeName,
        hostname: config.hostname,
        ipAddresses: description.nodeIPs,
        certificateFile: config.tlsCertificateFile,
        keyFile: config.tlsPrivateKeyFile,
      },
    );
  }

  #createServer({ client, log }: ClusterNodeComponents): KubeletServer {
    const { config, clientCa } = this.#init;
    const stats = new StatsCollector(
      { pods: () => this.#host.measured(), clock: systemClock, log },
      {
        nodeName: config.nodeName,
        dataDir: config.dataDir,
        imagesDir: path.join(config.dataDir, 'images'),
      },
    );
    return nodeServer(
      {
        client,
        log,
        stats,
        host: this.#host,
        credentials: this.#credentials,
        metrics: this.#metrics,
      },
      {
        nodeName: config.nodeName,
        address: config.listenerAddress,
        isForPods: (address) => this.#kubelet.network.isForPods(address),
        port: config.listenerPort,
        logDirectory: '/var/log',
        ...(clientCa === undefined ? {} : { clientCa }),
      },
    );
  }
}

function readThresholds({ evictionHard }: NodeConfig): readonly EvictionThreshold[] {
  try {
    return parseThresholds(evictionHard);
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new UserError(`reading evictionHard failed: ${cause.message}`, { cause });
  }
}

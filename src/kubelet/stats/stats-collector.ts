import { stat } from 'node:fs/promises';
import os from 'node:os';
import { setImmediate } from 'node:timers/promises';
import type { Clock } from '../../kubernetes/clock.ts';
import { messageOf } from '../../kubernetes/message-of.ts';
import type { NodeLog } from '../node/node-log.ts';
import type { Container } from '../provider.ts';
import { CpuRates } from './cpu-rate.ts';
import { filesystemUsage, machineCpuNanos, machineMemory } from './machine-usage.ts';
import type { ContainerStats, CpuStats, NodeStats, PodStats, VolumeStats } from './node-stats.ts';
import { machinePressure } from './pressure-stall.ts';
import { VolumeMeter } from './volume-meter.ts';

/** A pod as the collector measures it. */
export interface MeasuredPod {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly startedAt: Date;
  readonly containers: readonly Container[];
  /** Volumes that take space on this node, with the directory of each. */
  readonly volumes: readonly { readonly name: string; readonly directory: string }[];
}

export interface StatsCollectorComponents {
  readonly pods: () => readonly MeasuredPod[];
  readonly clock: Clock;
  readonly log: Pick<NodeLog, 'warn'>;
}

export interface StatsCollectorInit {
  readonly nodeName: string;
  /** Directory of volumes and logs. */
  readonly dataDir: string;
  readonly imagesDir: string;
}

/** What is measured beside CPU and memory. */
export interface CollectInit {
  /** Takes most of the time. @default true */
  readonly volumes?: boolean;
  /** How the node waits for resources. @default true */
  readonly pressure?: boolean;
}

/** The node's own counter among those of the containers. */
const nodeCounter = '';

/** Measures the node and its pods when asked; between two questions it does nothing. */
export class StatsCollector {
  readonly #components: StatsCollectorComponents;
  readonly #init: StatsCollectorInit;
  readonly #rates = new CpuRates();
  readonly #volumes: VolumeMeter;
  readonly #startedAt: Date;
  /** What could not be measured the last time, each with the uid of its pod. */
  readonly #unmeasured = new Map<string, string>();

  constructor(components: StatsCollectorComponents, init: StatsCollectorInit) {
    this.#components = components;
    this.#init = init;
    this.#volumes = new VolumeMeter(components);
    this.#startedAt = new Date(components.clock.now());
  }

  async collect({ volumes = true, pressure = true }: CollectInit = {}): Promise<NodeStats> {
    const measured = this.#components.pods();
    const [cpu, memory, stalls, nodeFilesystem, imageFilesystem, pods] = await Promise.all([
      this.#machineCpu(),
      machineMemory(),
      pressure ? machinePressure() : {},
      filesystemUsage(this.#init.dataDir),
      filesystemUsage(this.#init.imagesDir),
      this.#allPodStats(volumes ? measured : measured.map(withoutVolumes)),
    ]);
    this.#forgetOthers(measured);
    return {
      at: new Date(this.#components.clock.now()),
      nodeName: this.#init.nodeName,
      startedAt: this.#startedAt,
      cpu,
      memory,
      pressure: stalls,
      nodeFilesystem,
      imageFilesystem,
      pods,
    };
  }

  async #machineCpu(): Promise<CpuStats> {
    const usedNanos = await machineCpuNanos();
    return {
      usedNanos,
      nanosPerSecond: this.#rates.rate(nodeCounter, usedNanos, this.#components.clock.now()),
      cores: os.availableParallelism(),
    };
  }

  /** One pod after the other: the kernel may take milliseconds for each, and others want service. */
  async #allPodStats(measured: readonly MeasuredPod[]): Promise<readonly PodStats[]> {
    const stats: PodStats[] = [];
    for (const pod of measured) {
      stats.push(await this.#podStats(pod));
      await setImmediate();
    }
    return stats;
  }

  async #podStats(pod: MeasuredPod): Promise<PodStats> {
    const { namespace, name, uid, startedAt } = pod;
    const [containers, volumes] = await Promise.all([
      this.#measurable(
        pod,
        pod.containers.map((item) => [item.config.name, this.#containerStats(item)] as const),
      ),
      this.#measurable(
        pod,
        pod.volumes.map((item) => [item.name, this.#volumeStats(item)] as const),
      ),
    ]);
    return { namespace, name, uid, startedAt, containers, volumes };
  }

  /** What cannot be measured is told once and left out: all else on the node is to be seen still. */
  async #measurable<Stats>(
    { namespace, name, uid }: MeasuredPod,
    measuring: readonly (readonly [string, Promise<Stats | undefined>])[],
  ): Promise<readonly Stats[]> {
    const measured = measuring.map(async ([part, stats]) => {
      const what = `"${part}" of pod "${namespace}/${name}"`;
      try {
        const found = await stats;
        this.#unmeasured.delete(what);
        return found;
      } catch (error) {
        const message = `Cannot measure ${what}: ${messageOf(error)}`;
        if (!this.#unmeasured.has(what)) this.#components.log.warn(message);
        this.#unmeasured.set(what, uid);
        return undefined;
      }
    });
    return (await Promise.all(measured)).filter((stats) => stats !== undefined);
  }

  async #containerStats(container: Container): Promise<ContainerStats | undefined> {
    const usage = await container.usage();
    if (usage === undefined) return undefined;
    const { config } = container;
    return {
      name: config.name,
      id: container.id,
      image: config.image.reference,
      startedAt: container.startedAt,
      usage,
      cpuNanosPerSecond: this.#rates.rate(container.id, usage.cpuNanos, usage.at.getTime()),
      logBytes: await fileSize(config.log.path),
      memoryLimitBytes: config.resources.memoryBytes,
      cpuLimitMillis: config.resources.cpuMillis,
    };
  }

  async #volumeStats(volume: MeasuredPod['volumes'][number]): Promise<VolumeStats> {
    const [usage, filesystem] = await Promise.all([
      this.#volumes.usage(volume.directory),
      filesystemUsage(volume.directory),
    ]);
    return { name: volume.name, ...usage, filesystem };
  }

  #forgetOthers(pods: readonly MeasuredPod[]): void {
    const ids = pods.flatMap((pod) => pod.containers.map(({ id }) => id));
    const directories = pods.flatMap((pod) => pod.volumes.map(({ directory }) => directory));
    this.#rates.keepOnly(new Set([nodeCounter, ...ids]));
    this.#volumes.keepOnly(new Set(directories));
    const uids = new Set(pods.map(({ uid }) => uid));
    for (const [what, uid] of this.#unmeasured) if (!uids.has(uid)) this.#unmeasured.delete(what);
  }
}

function withoutVolumes(pod: MeasuredPod): MeasuredPod {
  return { ...pod, volumes: [] };
}

async function fileSize(file: string): Promise<number> {
  try {
    return (await stat(file)).size;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return 0;
    throw error;
  }
}

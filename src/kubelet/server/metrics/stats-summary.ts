import type { PressureTexts } from '../../provider.ts';
import type {
  ContainerStats,
  FilesystemUsage,
  NodeStats,
  PodStats,
  VolumeStats,
} from '../../stats/node-stats.ts';
import { type PressureStall, parsePressure } from '../../stats/pressure-stall.ts';
import { podCpuNanos, podWorkingSetBytes } from './resource-metrics.ts';

export interface SummaryInit {
  /** Leaves out what has to be measured on disks. @default false */
  readonly onlyCpuAndMemory?: boolean;
}

/**
 * `/stats/summary`, in the shape of the kubelet's stats API.
 *
 * @see https://github.com/kubernetes/kubelet/blob/master/pkg/apis/stats/v1alpha1/types.go
 */
export function statsSummary(stats: NodeStats, init: SummaryInit = {}): object {
  const time = stats.at.toISOString();
  const storage = init.onlyCpuAndMemory === true ? undefined : stats.nodeFilesystem;
  return {
    node: {
      nodeName: stats.nodeName,
      startTime: stats.startedAt.toISOString(),
      cpu: {
        time,
        usageCoreNanoSeconds: Number(stats.cpu.usedNanos),
        ...rate(stats.cpu.nanosPerSecond),
        ...stall(stats.pressure.cpu),
      },
      memory: {
        time,
        availableBytes: stats.memory.availableBytes,
        usageBytes: stats.memory.totalBytes - stats.memory.availableBytes,
        workingSetBytes: stats.memory.workingSetBytes,
        rssBytes: stats.memory.rssBytes,
        ...stall(stats.pressure.memory),
      },
      ...(storage && {
        ...io(time, stats.pressure),
        fs: filesystem(time, storage),
        runtime: { imageFs: filesystem(time, stats.imageFilesystem) },
      }),
    },
    pods: stats.pods.map((pod) => podSummary(time, pod, storage)),
  };
}

function podSummary(time: string, pod: PodStats, storage: FilesystemUsage | undefined): object {
  const rates = pod.containers.map(({ cpuNanosPerSecond }) => cpuNanosPerSecond);
  const known = rates.filter((value) => value !== undefined);
  return {
    podRef: { name: pod.name, namespace: pod.namespace, uid: pod.uid },
    startTime: pod.startedAt.toISOString(),
    containers: pod.containers.map((container) => containerSummary(container, storage)),
    cpu: {
      time,
      usageCoreNanoSeconds: Number(podCpuNanos(pod)),
      ...rate(
        known.length < rates.length ? undefined : known.reduce((sum, value) => sum + value, 0),
      ),
    },
    memory: { time, workingSetBytes: podWorkingSetBytes(pod) },
    ...(storage && {
      volume: pod.volumes.map((volume) => volumeSummary(time, volume)),
      'ephemeral-storage': { ...filesystem(time, storage), usedBytes: storedBytes(pod) },
    }),
    process_stats: {
      process_count: pod.containers.reduce((sum, { usage }) => sum + usage.processes, 0),
    },
  };
}

/** What a pod has on the node's disk. */
function storedBytes({ containers, volumes }: PodStats): number {
  const logs = containers.reduce((sum, { logBytes }) => sum + logBytes, 0);
  return volumes.reduce((sum, { usedBytes }) => sum + usedBytes, logs);
}

function containerSummary(container: ContainerStats, storage: FilesystemUsage | undefined): object {
  const { usage } = container;
  const time = usage.at.toISOString();
  return {
    name: container.name,
    startTime: container.startedAt.toISOString(),
    cpu: {
      time,
      usageCoreNanoSeconds: Number(usage.cpuNanos),
      ...rate(container.cpuNanosPerSecond),
      ...stall(usage.pressure?.cpu),
    },
    memory: {
      time,
      usageBytes: usage.memoryUsageBytes,
      workingSetBytes: usage.memoryWorkingSetBytes,
      rssBytes: usage.memoryRssBytes,
      ...stall(usage.pressure?.memory),
    },
    ...(storage && {
      ...io(time, usage.pressure ?? {}),
      logs: { ...filesystem(time, storage), usedBytes: container.logBytes },
    }),
  };
}

function volumeSummary(time: string, volume: VolumeStats): object {
  return {
    name: volume.name,
    ...filesystem(time, volume.filesystem),
    usedBytes: volume.usedBytes,
    inodesUsed: volume.inodes,
  };
}

function filesystem(time: string, usage: FilesystemUsage): object {
  return {
    time,
    availableBytes: usage.availableBytes,
    capacityBytes: usage.capacityBytes,
    usedBytes: usage.usedBytes,
    inodes: usage.inodes,
    inodesFree: usage.inodesFree,
    inodesUsed: usage.inodes - usage.inodesFree,
  };
}

/** As stock kubelets: of containers and the node, as what containers wait cannot be added up. */
function stall(text: string | undefined): { psi?: PressureStall } {
  return text === undefined ? {} : { psi: parsePressure(text) };
}

function io(time: string, pressure: PressureTexts): object {
  return pressure.io === undefined ? {} : { io: { time, ...stall(pressure.io) } };
}

function rate(nanosPerSecond: number | undefined): { usageNanoCores?: number } {
  return nanosPerSecond === undefined ? {} : { usageNanoCores: Math.round(nanosPerSecond) };
}

import type {
  ContainerStats,
  FilesystemUsage,
  NodeStats,
  PodStats,
  VolumeStats,
} from '../../stats/node-stats.ts';
import { podCpuNanos, podWorkingSetBytes } from './resource-metrics.ts';

/**
 * `/stats/summary`, in the shape of the kubelet's stats API.
 *
 * @see https://github.com/kubernetes/kubelet/blob/master/pkg/apis/stats/v1alpha1/types.go
 */
export function statsSummary(stats: NodeStats): object {
  const time = stats.at.toISOString();
  return {
    node: {
      nodeName: stats.nodeName,
      startTime: stats.startedAt.toISOString(),
      cpu: {
        time,
        usageCoreNanoSeconds: Number(stats.cpu.usedNanos),
        ...rate(stats.cpu.nanosPerSecond),
      },
      memory: {
        time,
        availableBytes: stats.memory.availableBytes,
        usageBytes: stats.memory.totalBytes - stats.memory.availableBytes,
        workingSetBytes: stats.memory.workingSetBytes,
        rssBytes: stats.memory.rssBytes,
      },
      fs: filesystem(time, stats.nodeFilesystem),
      runtime: { imageFs: filesystem(time, stats.imageFilesystem) },
    },
    pods: stats.pods.map((pod) => podSummary(time, pod, stats.nodeFilesystem)),
  };
}

function podSummary(time: string, pod: PodStats, filesystemOfNode: FilesystemUsage): object {
  const rates = pod.containers.map(({ cpuNanosPerSecond }) => cpuNanosPerSecond);
  const known = rates.filter((value) => value !== undefined);
  const logBytes = pod.containers.reduce((sum, container) => sum + container.logBytes, 0);
  const volumeBytes = pod.volumes.reduce((sum, volume) => sum + volume.usedBytes, 0);
  return {
    podRef: { name: pod.name, namespace: pod.namespace, uid: pod.uid },
    startTime: pod.startedAt.toISOString(),
    containers: pod.containers.map((container) => containerSummary(container, filesystemOfNode)),
    cpu: {
      time,
      usageCoreNanoSeconds: Number(podCpuNanos(pod)),
      ...rate(
        known.length < rates.length ? undefined : known.reduce((sum, value) => sum + value, 0),
      ),
    },
    memory: { time, workingSetBytes: podWorkingSetBytes(pod) },
    volume: pod.volumes.map((volume) => volumeSummary(time, volume)),
    'ephemeral-storage': {
      ...filesystem(time, filesystemOfNode),
      usedBytes: logBytes + volumeBytes,
    },
    process_stats: {
      process_count: pod.containers.reduce((sum, { usage }) => sum + usage.processes, 0),
    },
  };
}

function containerSummary(container: ContainerStats, filesystemOfNode: FilesystemUsage): object {
  const { usage } = container;
  const time = usage.at.toISOString();
  return {
    name: container.name,
    startTime: container.startedAt.toISOString(),
    cpu: {
      time,
      usageCoreNanoSeconds: Number(usage.cpuNanos),
      ...rate(container.cpuNanosPerSecond),
    },
    memory: {
      time,
      usageBytes: usage.memoryUsageBytes,
      workingSetBytes: usage.memoryWorkingSetBytes,
      rssBytes: usage.memoryRssBytes,
    },
    logs: { ...filesystem(time, filesystemOfNode), usedBytes: container.logBytes },
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

function rate(nanosPerSecond: number | undefined): { usageNanoCores?: number } {
  return nanosPerSecond === undefined ? {} : { usageNanoCores: Math.round(nanosPerSecond) };
}

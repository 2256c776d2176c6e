import type { ContainerStats, NodeStats } from '../../stats/node-stats.ts';
import type { MetricFamily } from './exposition.ts';
import { seconds } from './resource-metrics.ts';

/** CPU quotas are told per tenth of a second, in microseconds, as the kernel's scheduler has them. */
const cpuPeriod = 100_000;

interface ContainerMetric {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge';
  /** `undefined` where the container has no such thing, such as a limit. */
  readonly value: (container: ContainerStats) => number | undefined;
}

const containerMetrics: readonly ContainerMetric[] = [
  {
    name: 'container_cpu_usage_seconds_total',
    help: 'Cumulative cpu time consumed in seconds.',
    type: 'counter',
    value: ({ usage }) => seconds(usage.cpuNanos),
  },
  {
    name: 'container_memory_usage_bytes',
    help: 'Current memory usage in bytes, including all memory regardless of when it was accessed',
    type: 'gauge',
    value: ({ usage }) => usage.memoryUsageBytes,
  },
  {
    name: 'container_memory_working_set_bytes',
    help: 'Current working set in bytes.',
    type: 'gauge',
    value: ({ usage }) => usage.memoryWorkingSetBytes,
  },
  {
    name: 'container_memory_rss',
    help: 'Size of RSS in bytes.',
    type: 'gauge',
    value: ({ usage }) => usage.memoryRssBytes,
  },
  {
    name: 'container_processes',
    help: 'Number of processes running inside the container.',
    type: 'gauge',
    value: ({ usage }) => usage.processes,
  },
  {
    name: 'container_fs_usage_bytes',
    help: 'Number of bytes that are consumed by the container on this filesystem.',
    type: 'gauge',
    value: ({ logBytes }) => logBytes,
  },
  {
    name: 'container_spec_memory_limit_bytes',
    help: 'Memory limit for the container.',
    type: 'gauge',
    value: ({ memoryLimitBytes }) => memoryLimitBytes ?? 0,
  },
  {
    name: 'container_spec_cpu_period',
    help: 'CPU period of the container.',
    type: 'gauge',
    value: ({ cpuLimitMillis }) => (cpuLimitMillis === undefined ? undefined : cpuPeriod),
  },
  {
    name: 'container_spec_cpu_quota',
    help: 'CPU quota of the container.',
    type: 'gauge',
    value: ({ cpuLimitMillis }) =>
      cpuLimitMillis === undefined ? undefined : (cpuLimitMillis * cpuPeriod) / 1000,
  },
  {
    name: 'container_start_time_seconds',
    help: 'Start time of the container since unix epoch in seconds.',
    type: 'gauge',
    value: ({ startedAt }) => startedAt.getTime() / 1000,
  },
  {
    name: 'container_last_seen',
    help: 'Last time a container was seen by the exporter',
    type: 'gauge',
    value: ({ usage }) => usage.at.getTime() / 1000,
  },
];

/**
 * `/metrics/cadvisor`: the names that dashboards use, for our containers.
 *
 * @see https://github.com/google/cadvisor/blob/master/docs/storage/prometheus.md
 */
export function cadvisorMetrics(stats: NodeStats): MetricFamily[] {
  return [...containerMetrics.map((metric) => family(metric, stats)), ...machineMetrics(stats)];
}

function family({ name, help, type, value }: ContainerMetric, stats: NodeStats): MetricFamily {
  const samples = stats.pods.flatMap((pod) =>
    pod.containers.flatMap((container) => {
      const measured = value(container);
      if (measured === undefined) return [];
      const labels = {
        container: container.name,
        id: `/kubepods/pod${pod.uid}/${container.id}`,
        image: container.image,
        name: container.id,
        namespace: pod.namespace,
        pod: pod.name,
        ...(name === 'container_cpu_usage_seconds_total' ? { cpu: 'total' } : {}),
      };
      return [{ labels, value: measured, at: container.usage.at }];
    }),
  );
  return { name, help, type, samples };
}

function machineMetrics({ cpu, memory }: NodeStats): MetricFamily[] {
  const gauge = (name: string, help: string, value: number): MetricFamily => ({
    name,
    help,
    type: 'gauge',
    samples: [{ labels: {}, value }],
  });
  return [
    gauge('machine_cpu_cores', 'Number of logical CPU cores.', cpu.cores),
    gauge('machine_memory_bytes', 'Amount of memory installed on the machine.', memory.totalBytes),
  ];
}

import type { NodeStats, PodStats } from '../../stats/node-stats.ts';
import type { MetricFamily, MetricSample } from './exposition.ts';

const nanosPerSecond = 1e9;

/**
 * `/metrics/resource`: what metrics-server scrapes.
 *
 * @see https://kubernetes.io/docs/reference/instrumentation/node-metrics/
 */
export function resourceMetrics(stats: NodeStats): MetricFamily[] {
  const node = (value: number): MetricSample[] => [{ labels: {}, value, at: stats.at }];
  return [
    {
      name: 'container_cpu_usage_seconds_total',
      help: 'Cumulative cpu time consumed by the container in core-seconds',
      type: 'counter',
      samples: containerSamples(stats, ({ usage }) => seconds(usage.cpuNanos)),
    },
    {
      name: 'container_memory_working_set_bytes',
      help: 'Current working set of the container in bytes',
      type: 'gauge',
      samples: containerSamples(stats, ({ usage }) => usage.memoryWorkingSetBytes),
    },
    {
      name: 'container_start_time_seconds',
      help: 'Start time of the container since unix epoch in seconds',
      type: 'gauge',
      samples: containerSamples(stats, ({ startedAt }) => startedAt.getTime() / 1000),
    },
    {
      name: 'node_cpu_usage_seconds_total',
      help: 'Cumulative cpu time consumed by the node in core-seconds',
      type: 'counter',
      samples: node(seconds(stats.cpu.usedNanos)),
    },
    {
      name: 'node_memory_working_set_bytes',
      help: 'Current working set of the node in bytes',
      type: 'gauge',
      samples: node(stats.memory.workingSetBytes),
    },
    {
      name: 'pod_cpu_usage_seconds_total',
      help: 'Cumulative cpu time consumed by the pod in core-seconds',
      type: 'counter',
      samples: podSamples(stats, (pod) => seconds(podCpuNanos(pod))),
    },
    {
      name: 'pod_memory_working_set_bytes',
      help: 'Current working set of the pod in bytes',
      type: 'gauge',
      samples: podSamples(stats, podWorkingSetBytes),
    },
    {
      name: 'resource_scrape_error',
      help: '1 if there was an error while getting container metrics, 0 otherwise',
      type: 'gauge',
      samples: [{ labels: {}, value: 0 }],
    },
  ];
}

/** CPU time used by all containers of a pod, in nanoseconds. */
export function podCpuNanos(pod: PodStats): bigint {
  return pod.containers.reduce((sum, { usage }) => sum + usage.cpuNanos, 0n);
}

export function podWorkingSetBytes(pod: PodStats): number {
  return pod.containers.reduce((sum, { usage }) => sum + usage.memoryWorkingSetBytes, 0);
}

/** Nanoseconds as seconds. */
export function seconds(nanos: bigint): number {
  return Number(nanos) / nanosPerSecond;
}

function containerSamples(
  stats: NodeStats,
  value: (container: PodStats['containers'][number]) => number,
): MetricSample[] {
  return stats.pods.flatMap((pod) =>
    pod.containers.map((container) => ({
      labels: { container: container.name, namespace: pod.namespace, pod: pod.name },
      value: value(container),
      at: container.usage.at,
    })),
  );
}

function podSamples(stats: NodeStats, value: (pod: PodStats) => number): MetricSample[] {
  return stats.pods
    .filter((pod) => pod.containers.length > 0)
    .map((pod) => ({
      labels: { namespace: pod.namespace, pod: pod.name },
      value: value(pod),
      at: stats.at,
    }));
}

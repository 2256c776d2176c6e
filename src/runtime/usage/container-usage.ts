import type { Cgroup } from '../limits/cgroup.ts';
import { processUsage } from './process-usage.ts';

/** What a container uses, as statistics and metrics show it. */
export interface ContainerUsage {
  readonly at: Date;
  /** CPU time since the start, user and system, in nanoseconds. */
  readonly cpuNanos: bigint;
  readonly memoryUsageBytes: number;
  readonly memoryWorkingSetBytes: number;
  readonly memoryRssBytes: number;
  readonly processes: number;
}

/**
 * Measures a container: by its cgroup where it has one, and what that leaves out by `/proc`.
 * `undefined` where its process has ended.
 */
export function containerUsage(
  pid: number,
  cgroup: Cgroup | undefined,
  at: Date,
): ContainerUsage | undefined {
  const counted = cgroup?.usage() ?? {};
  const seen = processUsage(pid);
  if (seen === undefined) return undefined;
  const memory = counted.memory;
  return {
    at,
    cpuNanos: counted.cpuNanos ?? seen.cpuNanos,
    memoryUsageBytes: memory?.usageBytes ?? seen.memoryBytes,
    memoryWorkingSetBytes: memory?.workingSetBytes ?? seen.memoryBytes,
    memoryRssBytes: memory?.rssBytes ?? seen.memoryBytes,
    processes: Math.max(1, counted.processes ?? 1),
  };
}

import type { Cgroup } from '../limits/cgroup.ts';
import { processCpuNanos, processMemoryBytes } from './process-usage.ts';

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
  const seenCpuNanos = processCpuNanos(pid);
  if (seenCpuNanos === undefined) return undefined;
  const memory = counted.memory ?? memoryOfProcess(pid);
  if (memory === undefined) return undefined;
  return {
    at,
    cpuNanos: counted.cpuNanos ?? seenCpuNanos,
    memoryUsageBytes: memory.usageBytes,
    memoryWorkingSetBytes: memory.workingSetBytes,
    memoryRssBytes: memory.rssBytes,
    processes: Math.max(1, counted.processes ?? 1),
  };
}

function memoryOfProcess(pid: number) {
  const bytes = processMemoryBytes(pid);
  if (bytes === undefined) return undefined;
  return { usageBytes: bytes, workingSetBytes: bytes, rssBytes: bytes };
}

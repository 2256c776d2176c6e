import { hasErrorCode } from '../errors.ts';
import type { Cgroup, CgroupPressure, CgroupUsage } from '../limits/cgroup.ts';
import type { MemoryMeter } from './memory-meter.ts';
import { processCounters } from './process-usage.ts';

/** What a container uses, as statistics and metrics show it. */
export interface ContainerUsage {
  readonly at: Date;
  /** CPU time since the start, user and system, in nanoseconds. */
  readonly cpuNanos: bigint;
  readonly memoryUsageBytes: number;
  readonly memoryWorkingSetBytes: number;
  readonly memoryRssBytes: number;
  readonly processes: number;
  /** How its processes waited, where its cgroup tells. */
  readonly pressure?: CgroupPressure;
}

/** What a container is measured with. */
export interface ContainerMeters {
  readonly cgroup: Cgroup | undefined;
  /** The container's own. */
  readonly meter: MemoryMeter;
}

/**
 * Measures a container: by its cgroup where it has one, and what that leaves out by `/proc`.
 * `undefined` where its process has ended.
 */
export function containerUsage(
  pid: number,
  { cgroup, meter }: ContainerMeters,
  at: Date,
): ContainerUsage | undefined {
  const counted = countedBy(cgroup);
  const counters = processCounters(pid);
  if (counters === undefined) return undefined;
  const memory = counted.memory ?? memoryOfProcess(meter.measure(pid, counters, at.getTime()));
  if (memory === undefined) return undefined;
  return {
    at,
    cpuNanos: counted.cpuNanos ?? counters.cpuNanos,
    memoryUsageBytes: memory.usageBytes,
    memoryWorkingSetBytes: memory.workingSetBytes,
    memoryRssBytes: memory.rssBytes,
    processes: Math.max(1, counted.processes ?? 1),
    ...(counted.pressure && { pressure: counted.pressure }),
  };
}

/** Nothing where the cgroup is removed at this moment: another process may be the one that does. */
function countedBy(cgroup: Cgroup | undefined): CgroupUsage {
  try {
    return cgroup?.usage() ?? {};
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT', 'ENODEV')) return {};
    throw error;
  }
}

function memoryOfProcess(bytes: number | undefined) {
  if (bytes === undefined) return undefined;
  return { usageBytes: bytes, workingSetBytes: bytes, rssBytes: bytes };
}

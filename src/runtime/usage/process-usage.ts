import { readFileSync } from 'node:fs';
import { hasErrorCode } from '../errors.ts';

/** Nanoseconds in a clock tick: USER_HZ is 100 on every architecture that Node runs on. */
const tick = 10_000_000n;

/** What one read of `/proc/<pid>/stat` tells. */
export interface ProcessCounters {
  /** CPU time, user and system. */
  readonly cpuNanos: bigint;
  /** Changes with every page that the process gets for itself, and every one it gives back. */
  readonly pages: string;
}

/** Counters of a process; `undefined` where it has ended. */
export function processCounters(pid: number): ProcessCounters | undefined {
  const stat = readOfProcess(pid, 'stat');
  if (stat === undefined) return undefined;
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [minorFaults, majorFaults, resident] = [fields[7], fields[9], fields[21]];
  return {
    cpuNanos: (BigInt(fields[11] ?? 0) + BigInt(fields[12] ?? 0)) * tick,
    pages: `${minorFaults} ${majorFaults} ${resident}`,
  };
}

/**
 * A process's share of memory in bytes: pages it has alone, and its part of those it shares.
 * `undefined` where it has ended. The kernel walks all of its pages for that, which takes
 * milliseconds: to be asked only where nothing else knows.
 */
export function processMemoryBytes(pid: number): number | undefined {
  const share = readOfProcess(pid, 'smaps_rollup');
  if (share === undefined) return undefined;
  return Number(/^Pss:\s+(\d+)/m.exec(share)?.[1] ?? 0) * 1024;
}

function readOfProcess(pid: number, file: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'latin1');
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT', 'ESRCH')) return undefined;
    throw error;
  }
}

import { readFileSync } from 'node:fs';
import { hasErrorCode } from '../errors.ts';

/** What the kernel counts for one process. */
export interface ProcessUsage {
  readonly cpuNanos: bigint;
  /** The process's share of memory: pages it has alone, and its part of those it shares. */
  readonly memoryBytes: number;
}

/** Nanoseconds in a clock tick: USER_HZ is 100 on every architecture that Node runs on. */
const tick = 10_000_000n;

/** Reads a process's usage from `/proc`; `undefined` where it has ended. */
export function processUsage(pid: number): ProcessUsage | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const ticks = BigInt(fields[11] ?? 0) + BigInt(fields[12] ?? 0);
    const share = readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1');
    const kilobytes = /^Pss:\s+(\d+)/m.exec(share)?.[1] ?? '0';
    return { cpuNanos: ticks * tick, memoryBytes: Number(kilobytes) * 1024 };
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT', 'ESRCH')) return undefined;
    throw error;
  }
}

import { readFileSync } from 'node:fs';
import { hasErrorCode } from '../errors.ts';

/** Nanoseconds in a clock tick: USER_HZ is 100 on every architecture that Node runs on. */
const tick = 10_000_000n;

/** CPU time of a process from `/proc`, in nanoseconds; `undefined` where it has ended. */
export function processCpuNanos(pid: number): bigint | undefined {
  const stat = readOfProcess(pid, 'stat');
  if (stat === undefined) return undefined;
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (BigInt(fields[11] ?? 0) + BigInt(fields[12] ?? 0)) * tick;
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

import { readFile, statfs } from 'node:fs/promises';
import os from 'node:os';
import type { FilesystemUsage, MachineMemory } from './node-stats.ts';

/** The kernel counts CPU time in hundredths of a second. */
const nanosPerTick = 10_000_000n;

/** CPU time that the machine used since boot, in nanoseconds. */
export async function machineCpuNanos(): Promise<bigint> {
  const [total = ''] = (await readFile('/proc/stat', 'latin1')).split('\n', 1);
  const [user = 0n, nice = 0n, system = 0n, , , irq = 0n, softirq = 0n, steal = 0n] = total
    .split(/\s+/)
    .slice(1)
    .map(BigInt);
  return (user + nice + system + irq + softirq + steal) * nanosPerTick;
}

/** @see https://www.kernel.org/doc/html/latest/filesystems/proc.html#meminfo */
export async function machineMemory(): Promise<MachineMemory> {
  const info = parseMeminfo(await readFile('/proc/meminfo', 'latin1'));
  const totalBytes = info.get('MemTotal') ?? os.totalmem();
  const availableBytes = info.get('MemAvailable') ?? os.freemem();
  return {
    totalBytes,
    availableBytes,
    workingSetBytes: totalBytes - availableBytes,
    rssBytes: info.get('AnonPages') ?? 0,
  };
}

function parseMeminfo(text: string): ReadonlyMap<string, number> {
  const lines = text.matchAll(/^(\w+):\s+(\d+) kB$/gm);
  return new Map(Array.from(lines, ([, name = '', kilobytes]) => [name, Number(kilobytes) * 1024]));
}

/** Usage of the file system that a path lies on. */
export async function filesystemUsage(path: string): Promise<FilesystemUsage> {
  const { bsize, blocks, bfree, bavail, files, ffree } = await statfs(path);
  return {
    capacityBytes: blocks * bsize,
    availableBytes: bavail * bsize,
    usedBytes: (blocks - bfree) * bsize,
    inodes: files,
    inodesFree: ffree,
  };
}

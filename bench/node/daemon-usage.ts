import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** Clock ticks a second, the same on every Linux. */
const ticksPerSecond = 100;

/** Seconds of CPU that a process has used. */
export function cpuSeconds(pid: number): number {
  const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}

/** Resident memory of a process in MB. */
export function residentMb(pid: number): number {
  return kilobytesOf(`/proc/${pid}/status`, 'VmRSS') / 1024;
}

/** What all processes of the daemon's network and file system cost, page tables included, in MB. */
export function proportionalMb(pids: readonly number[]): number {
  const kilobytes = pids.map(
    (pid) =>
      kilobytesOf(`/proc/${pid}/smaps_rollup`, 'Pss') + kilobytesOf(`/proc/${pid}/status`, 'VmPTE'),
  );
  return kilobytes.reduce((sum, one) => sum + one, 0) / 1024;
}

/** The daemon, its zygotes and its containers: they alone name themselves so in this network. */
export function processesOfNode(daemon: number): readonly number[] {
  const network = readlinkSync('/proc/self/ns/net');
  const isOfNode = (pid: number): boolean => {
    try {
      const name = readFileSync(`/proc/${pid}/cmdline`, 'latin1');
      return readlinkSync(`/proc/${pid}/ns/net`) === network && /krustlet: |zygote-main/.test(name);
    } catch {
      return false; // It has ended.
    }
  };
  const pids = readdirSync('/proc').map(Number).filter(Number.isInteger);
  return [daemon, ...pids.filter((pid) => pid !== daemon && isOfNode(pid))];
}

function kilobytesOf(file: string, field: string): number {
  const [, kilobytes = '0'] =
    new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(readFileSync(file, 'utf8')) ?? [];
  return Number(kilobytes);
}

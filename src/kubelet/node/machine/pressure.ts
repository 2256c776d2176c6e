import { readFile, statfs } from 'node:fs/promises';

/** How much of the machine is left, each as a number and as a share of all there is. */
export interface MachineHeadroom {
  readonly memoryBytes: number;
  readonly storageShare: number;
  readonly inodesShare: number;
  readonly processesShare: number;
}

/** Below which the machine is under pressure. */
export interface PressureThresholds {
  /** @default 100 MiB, as the kubelet */
  readonly memoryBytes: number;
  /** @default 0.10, as the kubelet */
  readonly storageShare: number;
  /** @default 0.05, as the kubelet */
  readonly inodesShare: number;
  /** @default 0.05 */
  readonly processesShare: number;
}

/** The kubelet's own hard eviction thresholds. */
export const defaultThresholds: PressureThresholds = {
  memoryBytes: 100 * 1024 * 1024,
  storageShare: 0.1,
  inodesShare: 0.05,
  processesShare: 0.05,
};

/** The conditions that report pressure. */
export type PressureType = 'MemoryPressure' | 'DiskPressure' | 'PIDPressure';

/** Measures what is left. */
export async function measureHeadroom(dataDirectory: string): Promise<MachineHeadroom> {
  const [files, memory, processesShare] = await Promise.all([
    statfs(dataDirectory),
    readFile('/proc/meminfo', 'utf8'),
    readProcessesShare(),
  ]);
  return {
    memoryBytes: Number(/^MemAvailable:\s+(\d+)/m.exec(memory)?.[1] ?? 0) * 1024,
    storageShare: files.bavail / files.blocks,
    // Some file systems make inodes as they need them and count none.
    inodesShare: files.files === 0 ? 1 : files.ffree / files.files,
    processesShare,
  };
}

/** Which kinds of pressure there are now. */
export function pressuresOf(
  left: MachineHeadroom,
  thresholds: PressureThresholds,
): ReadonlySet<PressureType> {
  const pressures: readonly [PressureType, boolean][] = [
    ['MemoryPressure', left.memoryBytes < thresholds.memoryBytes],
    [
      'DiskPressure',
      left.storageShare < thresholds.storageShare || left.inodesShare < thresholds.inodesShare,
    ],
    ['PIDPressure', left.processesShare < thresholds.processesShare],
  ];
  return new Set(pressures.flatMap(([type, isThere]) => (isThere ? [type] : [])));
}

/** Threads count, as they take process ids. */
async function readProcessesShare(): Promise<number> {
  const [loadavg, pidMax, threadsMax] = await Promise.all(
    ['/proc/loadavg', '/proc/sys/kernel/pid_max', '/proc/sys/kernel/threads-max'].map((file) =>
      readFile(file, 'utf8'),
    ),
  );
  const threads = Number(/\/(\d+) /.exec(loadavg ?? '')?.[1] ?? 0);
  const most = Math.min(Number(pidMax), Number(threadsMax));
  return (most - threads) / most;
}

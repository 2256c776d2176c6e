import { readFile, statfs } from 'node:fs/promises';

/** What of a machine can run out, by the names of `evictionHard`. */
export const evictionSignals = [
  'memory.available',
  'nodefs.available',
  'nodefs.inodesFree',
  'imagefs.available',
  'imagefs.inodesFree',
  'pid.available',
] as const;
export type EvictionSignal = (typeof evictionSignals)[number];

/** How much there is left, and of how much: bytes, inodes or process ids. */
export interface Headroom {
  readonly available: number;
  readonly total: number;
}

export type Headrooms = Readonly<Record<EvictionSignal, Headroom>>;

export interface MeasureHeadroomsInit {
  /** Directory with volumes and logs. */
  readonly dataDirectory: string;
  readonly imagesDirectory: string;
}

/** Measures what is left of the machine. */
export async function measureHeadrooms(init: MeasureHeadroomsInit): Promise<Headrooms> {
  const [memory, nodefs, imagefs, processes] = await Promise.all([
    measureMemory(),
    measureFilesystem(init.dataDirectory),
    measureFilesystem(init.imagesDirectory),
    measureProcesses(),
  ]);
  return {
    'memory.available': memory,
    'nodefs.available': nodefs.bytes,
    'nodefs.inodesFree': nodefs.inodes,
    'imagefs.available': imagefs.bytes,
    'imagefs.inodesFree': imagefs.inodes,
    'pid.available': processes,
  };
}

async function measureMemory(): Promise<Headroom> {
  const text = await readFile('/proc/meminfo', 'latin1');
  const bytes = (name: string) =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(text)?.[1] ?? 0) * 1024;
  return { available: bytes('MemAvailable'), total: bytes('MemTotal') };
}

async function measureFilesystem(directory: string) {
  const { bavail, blocks, bsize, ffree, files } = await statfs(directory);
  // Some file systems make inodes as they need them, and count none.
  const inodes = files === 0 ? { available: 1, total: 1 } : { available: ffree, total: files };
  return { bytes: { available: bavail * bsize, total: blocks * bsize }, inodes };
}

/** Threads count, as they take process ids. */
async function measureProcesses(): Promise<Headroom> {
  const files = ['/proc/loadavg', '/proc/sys/kernel/pid_max', '/proc/sys/kernel/threads-max'];
  const [loadavg = '', pidMax, threadsMax] = await Promise.all(
    files.map((file) => readFile(file, 'latin1')),
  );
  const threads = Number(/\/(\d+) /.exec(loadavg)?.[1] ?? 0);
  const total = Math.min(Number(pidMax), Number(threadsMax));
  return { available: total - threads, total };
}

import { readFile, statfs } from 'node:fs/promises';
import os from 'node:os';

/** What a machine has for pods. Bytes, and thousandths of a core. */
export interface MachineCapacity {
  readonly cpuMillis: number;
  readonly memoryBytes: number;
  /** Size of the file system that holds the node's data. */
  readonly storageBytes: number;
}

/** What is kept for the system itself, in the same units. */
export type Reservation = MachineCapacity;

/** Resource name to quantity, as a Node carries them. */
export type ResourceList = Readonly<Record<string, string>>;

/** Measures the machine, or the part of it that this process was given. */
export async function measureCapacity(dataDirectory: string): Promise<MachineCapacity> {
  const [{ blocks, bsize }, memoryLimit] = await Promise.all([
    statfs(dataDirectory),
    readMemoryLimit(),
  ]);
  return {
    cpuMillis: os.availableParallelism() * 1000,
    memoryBytes: Math.min(os.totalmem(), memoryLimit),
    storageBytes: blocks * bsize,
  };
}

/** The quantities of `status.capacity`. */
export function capacityOf(machine: MachineCapacity, maxPods: number): ResourceList {
  return {
    cpu: formatMillis(machine.cpuMillis),
    memory: formatKibibytes(machine.memoryBytes),
    'ephemeral-storage': formatKibibytes(machine.storageBytes),
    pods: String(maxPods),
  };
}

/** The quantities of `status.allocatable`: the capacity less what is reserved, never negative. */
export function allocatableOf(
  machine: MachineCapacity,
  reserved: Reservation,
  maxPods: number,
): ResourceList {
  const left = {
    cpuMillis: Math.max(0, machine.cpuMillis - reserved.cpuMillis),
    memoryBytes: Math.max(0, machine.memoryBytes - reserved.memoryBytes),
    storageBytes: Math.max(0, machine.storageBytes - reserved.storageBytes),
  };
  return capacityOf(left, maxPods);
}

/** The limit of the cgroup that this process is in, version 2 or 1; infinite where there is none. */
async function readMemoryLimit(): Promise<number> {
  const files = ['/sys/fs/cgroup/memory.max', '/sys/fs/cgroup/memory/memory.limit_in_bytes'];
  const limits = await Promise.all(files.map((file) => readFile(file, 'utf8').catch(() => 'max')));
  const numbers = limits.map((text) => Number(text)).filter((limit) => limit > 0);
  return Math.min(Number.POSITIVE_INFINITY, ...numbers);
}

function formatMillis(millis: number): string {
  return millis % 1000 === 0 ? String(millis / 1000) : `${millis}m`;
}

function formatKibibytes(bytes: number): string {
  return `${Math.floor(bytes / 1024)}Ki`;
}

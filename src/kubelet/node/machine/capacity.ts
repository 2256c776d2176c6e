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
    cpu: quantity(machine.cpuMillis, 1000, ['m', '', 'k']),
    memory: quantityOfBytes(machine.memoryBytes),
    'ephemeral-storage': quantityOfBytes(machine.storageBytes),
    pods: quantity(maxPods, 1000, ['', 'k']),
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

function quantityOfBytes(bytes: number): string {
  return quantity(Math.floor(bytes / 1024), 1024, ['Ki', 'Mi', 'Gi', 'Ti', 'Pi']);
}

/** As API servers write it, who else would be told of a change: in the largest unit that is whole. */
function quantity(amount: number, base: 1000 | 1024, suffixes: readonly string[]): string {
  const [suffix = '', ...larger] = suffixes;
  if (amount === 0) return '0';
  if (amount % base !== 0 || larger.length === 0) return `${amount}${suffix}`;
  return quantity(amount / base, base, larger);
}

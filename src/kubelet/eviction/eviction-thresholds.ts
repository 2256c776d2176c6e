import { quantityUnits } from '../pods/quantity.ts';
import { type EvictionSignal, evictionSignals, type Headrooms } from './eviction-signals.ts';

/** Conditions of a Node that tell of pressure. */
export type PressureType = 'MemoryPressure' | 'DiskPressure' | 'PIDPressure';

/** Below which a signal means pressure: as it was written, and how much that is of a total. */
export interface EvictionThreshold {
  readonly signal: EvictionSignal;
  readonly text: string;
  readonly amountOf: (total: number) => number;
}

/** @see https://kubernetes.io/docs/concepts/scheduling-eviction/node-pressure-eviction/#hard-eviction-thresholds */
export const stockThresholds: Readonly<Record<string, string>> = {
  'memory.available': '100Mi',
  'nodefs.available': '10%',
  'nodefs.inodesFree': '5%',
  'imagefs.available': '15%',
  'imagefs.inodesFree': '5%',
};

const conditions: Readonly<Record<EvictionSignal, PressureType>> = {
  'memory.available': 'MemoryPressure',
  'nodefs.available': 'DiskPressure',
  'nodefs.inodesFree': 'DiskPressure',
  'imagefs.available': 'DiskPressure',
  'imagefs.inodesFree': 'DiskPressure',
  'pid.available': 'PIDPressure',
};

/** What stock kubelets call what runs short. */
export const resourceOf: Readonly<Record<EvictionSignal, string>> = {
  'memory.available': 'memory',
  'nodefs.available': 'ephemeral-storage',
  'nodefs.inodesFree': 'inodes',
  'imagefs.available': 'ephemeral-storage',
  'imagefs.inodesFree': 'inodes',
  'pid.available': 'pids',
};

/**
 * Reads thresholds such as `{'memory.available': '100Mi', 'nodefs.available': '10%'}`.
 *
 * @throws {RangeError} naming the signal, the value and what is allowed
 */
export function parseThresholds(
  texts: Readonly<Record<string, string>>,
): readonly EvictionThreshold[] {
  return Object.entries(texts).map(([name, text]) => {
    const signal = evictionSignals.find((known) => known === name);
    if (signal === undefined) {
      throw new RangeError(
        `read eviction threshold '${name}': unknown signal, use one of ${evictionSignals.join(', ')}`,
      );
    }
    return { signal, text, amountOf: amountReader(name, text) };
  });
}

/** The thresholds that are crossed now. */
export function crossedThresholds(
  thresholds: readonly EvictionThreshold[],
  headrooms: Headrooms,
): readonly EvictionThreshold[] {
  return thresholds.filter(({ signal, amountOf }) => {
    const { available, total } = headrooms[signal];
    return available < amountOf(total);
  });
}

/** The pressures that crossed thresholds mean. */
export function pressuresOf(crossed: readonly EvictionThreshold[]): ReadonlySet<PressureType> {
  return new Set(crossed.map(({ signal }) => conditions[signal]));
}

function amountReader(name: string, text: string): (total: number) => number {
  const percent = /^(\d+(?:\.\d+)?)%$/.exec(text)?.[1];
  if (percent !== undefined && Number(percent) <= 100) {
    return (total) => (total * Number(percent)) / 100;
  }
  try {
    const amount = quantityUnits(text);
    return () => amount;
  } catch (cause) {
    throw new RangeError(
      `read eviction threshold '${name}' '${text}': use an amount such as 100Mi or a share such as 10%`,
      { cause },
    );
  }
}

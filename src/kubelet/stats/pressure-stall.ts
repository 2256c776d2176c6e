import { readFile } from 'node:fs/promises';
import type { PressureTexts } from '../provider.ts';

/** For which share of the time, in percent, and for how long in all, in nanoseconds, tasks waited. */
export interface StallTimes {
  readonly total: number;
  readonly avg10: number;
  readonly avg60: number;
  readonly avg300: number;
}

/** How some tasks, and how all of them at once, waited for a resource. */
export interface PressureStall {
  readonly full: StallTimes;
  readonly some: StallTimes;
}

/**
 * Reads pressure stall information as the kernel writes it; what it does not tell is nought.
 *
 * @see https://docs.kernel.org/accounting/psi.html
 */
export function parsePressure(text: string): PressureStall {
  return { full: stallTimes(text, 'full'), some: stallTimes(text, 'some') };
}

/** The machine's own; what the kernel does not count is left out. */
export async function machinePressure(): Promise<PressureTexts> {
  const [cpu, memory, io] = await Promise.all(['cpu', 'memory', 'io'].map(readPressure));
  return { ...(cpu && { cpu }), ...(memory && { memory }), ...(io && { io }) };
}

function stallTimes(text: string, kind: 'full' | 'some'): StallTimes {
  const line = new RegExp(`^${kind} (.*)$`, 'm').exec(text)?.[1] ?? '';
  const values = new Map(
    Array.from(line.matchAll(/(\w+)=([\d.]+)/g), ([, key, value]) => [key, value]),
  );
  const number = (key: string): number => Number(values.get(key) ?? 0);
  return {
    total: number('total') * 1_000,
    avg10: number('avg10'),
    avg60: number('avg60'),
    avg300: number('avg300'),
  };
}

async function readPressure(resource: string): Promise<string | undefined> {
  try {
    return await readFile(`/proc/pressure/${resource}`, 'latin1');
  } catch (error) {
    // The kernel was built or started without it.
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT' || code === 'EOPNOTSUPP') return undefined;
    throw error;
  }
}

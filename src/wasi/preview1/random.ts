import { errno } from '../errno.ts';
import type { Context } from './context.ts';

/** Random numbers: `getrandom` of Linux. */
export function randomFunctions({ memory, system }: Pick<Context, 'memory' | 'system'>) {
  const { random } = system;
  return {
    /** Fills `length` bytes at `buffer` with bytes fit for keys, however many. `fault` */
    random_get(buffer: number, length: number): number {
      const pointer = buffer >>> 0;
      const size = length >>> 0;
      if (!memory.covers(pointer, size)) return errno.fault;
      return random.fill(memory, pointer, size);
    },
  };
}

import { errno } from '../errno.ts';
import { clock } from '../system/clocks.ts';
import type { Context } from './context.ts';

/** Clocks: `clock_gettime` and `clock_getres` of POSIX. */
export function clockFunctions({ memory, system }: Pick<Context, 'memory' | 'system'>) {
  const { clocks } = system;
  return {
    /** Writes the nanoseconds between two ticks of clock `id`, a u64. `inval` `fault` */
    clock_res_get(id: number, result: number): number {
      const pointer = result >>> 0;
      if (!isClock(id)) return errno.inval;
      if (!memory.covers(pointer, 8)) return errno.fault;
      const resolution = clocks.resolution(id);
      if (resolution < 0n) return Number(-resolution);
      memory.view.setBigUint64(pointer, resolution, true);
      return errno.success;
    },

    /** Writes the time on clock `id` in nanoseconds, a u64; always exact. `inval` `fault` */
    clock_time_get(id: number, _precision: bigint, result: number): number {
      const pointer = result >>> 0;
      if (!isClock(id)) return errno.inval;
      if (!memory.covers(pointer, 8)) return errno.fault;
      return clocks.write(id, memory.view, pointer);
    },
  };
}

function isClock(id: number): boolean {
  return id >= clock.realtime && id <= clock.threadCpuTime;
}

import { errno } from '../errno.ts';
import type { Context } from './context.ts';

/** The scheduler: `sched_yield` of POSIX. */
export function schedFunctions({ system }: Pick<Context, 'system'>) {
  return {
    /** Gives the processor to whatever else waits for it. */
    sched_yield(): number {
      system.clocks.yield();
      return errno.success;
    },
  };
}

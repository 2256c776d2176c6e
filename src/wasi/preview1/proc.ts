import { errno } from '../errno.ts';
import type { Context } from './context.ts';

/** From this one on Linux counts one more than WASI: it has `stkflt` between. */
const firstShifted = 16;
const lastSignal = 30;

/** Signals that nothing happens on, by default: none, chld, cont, urg, winch. */
const ignored: readonly number[] = [0, 16, 17, 22, 27];
/** Signals that stop a process: stop, tstp, ttin, ttou. */
const stopping: readonly number[] = [18, 19, 20, 21];

/** The guest's own process: `exit` and `raise` of C. */
export function procFunctions({ exit }: Pick<Context, 'exit'>) {
  return {
    /** Ends the guest with an exit code; does not return. */
    proc_exit(code: number): never {
      return exit.leave(code >>> 0);
    },

    /**
     * Does what a signal does by default: nothing, or an end with the exit code that a shell
     * shows, 128 and the number on Linux. `inval` no such signal, `notsup` one that stops
     */
    proc_raise(signal: number): number {
      if (!(signal >= 0 && signal <= lastSignal)) return errno.inval;
      if (ignored.includes(signal)) return errno.success;
      if (stopping.includes(signal)) return errno.notsup;
      return exit.leave(128 + (signal < firstShifted ? signal : signal + 1));
    },
  };
}

import type { Context } from './context.ts';
import { writeSizes, writeStrings } from './string-list.ts';

/** The command line: `argc` and `argv` of C. */
export function argsFunctions({ args, memory }: Pick<Context, 'args' | 'memory'>) {
  return {
    /** Writes the arguments: pointers at `argv`, zero-terminated strings at `buffer`. `fault` */
    args_get(argv: number, buffer: number): number {
      return writeStrings(memory, args, argv >>> 0, buffer >>> 0);
    },

    /** Writes how much room {@link args_get} needs: `count` pointers, `size` bytes. `fault` */
    args_sizes_get(count: number, size: number): number {
      return writeSizes(memory, args, count >>> 0, size >>> 0);
    },
  };
}

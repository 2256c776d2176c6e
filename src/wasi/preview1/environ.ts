import type { Context } from './context.ts';
import { writeSizes, writeStrings } from './string-list.ts';

/** The environment: `environ` of C. */
export function environFunctions({ environ, memory }: Pick<Context, 'environ' | 'memory'>) {
  return {
    /** Writes the variables: pointers at `list`, zero-terminated `NAME=value` at `buffer`. `fault` */
    environ_get(list: number, buffer: number): number {
      return writeStrings(memory, environ, list >>> 0, buffer >>> 0);
    },

    /** Writes how much room {@link environ_get} needs: `count` pointers, `size` bytes. `fault` */
    environ_sizes_get(count: number, size: number): number {
      return writeSizes(memory, environ, count >>> 0, size >>> 0);
    },
  };
}

import { errno } from '../errno.ts';
import type { Context } from './context.ts';
import { fdFileFunctions } from './fd-file.ts';
import { fdIoFunctions } from './fd-io.ts';
import { snapshot0FilestatLayout } from './filestat.ts';
import { pathFunctions } from './path.ts';
import { pollFunctions } from './poll.ts';
import { snapshot0SubscriptionLayout } from './subscription.ts';

/** Snapshot 0 counts from the current position, the end and the start; preview1 starts at the start. */
const preview1Whence = [1, 2, 0];

/**
 * The functions of `wasi_unstable`, the snapshot before preview1, that differ from preview1's: by
 * the layout of metadata and subscriptions, and by the numbers of `whence`. Modules of 2019 still
 * import it.
 *
 * https://github.com/WebAssembly/WASI/blob/wasi-0.1/phases/old/snapshot_0/docs.md
 */
export function unstableFunctions(context: Context) {
  const { fd_seek } = fdIoFunctions(context);
  const { fd_filestat_get } = fdFileFunctions(context, snapshot0FilestatLayout);
  const { path_filestat_get } = pathFunctions(context, snapshot0FilestatLayout);
  return {
    fd_filestat_get,
    fd_seek(fd: number, offset: bigint, whence: number, result: number): number {
      const from = preview1Whence[whence];
      return from === undefined ? errno.inval : fd_seek(fd, offset, from, result);
    },
    path_filestat_get,
    ...pollFunctions(context, snapshot0SubscriptionLayout),
  };
}

import { forkProcess, forkSiblingProcess } from '../../wasi/libc/fork-process.ts';
import { exitNow } from '../../wasi/libc/process.ts';
import {
  blockAllSignals,
  noSignals,
  restoreDefaultActions,
  setBlockedSignals,
} from '../../wasi/libc/signals.ts';
import { must } from '../sandbox/sandbox-error.ts';

const childFailed = 125;

/**
 * Forks this process, V8 and all, and returns the child's pid. It must have been started as
 * `ensureForkable` sees to, have one thread, and run no job in libuv's pool.
 *
 * In the child it calls `child`, with every signal unblocked and in its default action; `child` ends
 * the process, or returns to go on with the event loop.
 */
export function fork(child: () => void): number {
  const before = blockAllSignals();
  const pid = forkProcess();
  if (pid === 0) {
    beChild(() => {
      restoreDefaultActions();
      setBlockedSignals(noSignals);
      child();
    });
    return 0;
  }
  setBlockedSignals(before);
  return must('fork', pid);
}

/**
 * As {@link fork}, for a process that {@link fork} has made and that has not changed its signals.
 * The child's parent is this process's own. Where it cannot, returns a negated errno.
 */
export function forkSibling(child: () => void): number {
  const pid = forkSiblingProcess();
  if (pid === 0) beChild(child);
  return pid;
}

/** No exception may reach the parent's code that the child has a copy of. */
function beChild(child: () => void): void {
  try {
    child();
  } catch {
    exitNow(childFailed);
  }
}

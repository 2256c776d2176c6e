import { readFileSync } from 'node:fs';
import { forkSibling } from '../../wasi/libc/fork-sibling.ts';
import { allowInChild, exitNow, forkProcess } from '../../wasi/libc/process.ts';
import {
  blockAllSignals,
  noSignals,
  restoreDefaultActions,
  setBlockedSignals,
} from '../../wasi/libc/signals.ts';
import { must } from '../sandbox/sandbox-error.ts';

const lowestAddress = 0x1_0000n;
const childFailed = 125;

/**
 * Forks this process, V8 and all.
 *
 * V8 asks the kernel not to give its mappings to children (MADV_DONTFORK); that is undone directly
 * before each fork. The process must have one thread and run no job in libuv's pool.
 */
export class Fork {
  readonly #end = endOfOrdinaryMappings();

  /**
   * Returns the child's pid. In the child it calls `child`, with every signal unblocked and in its
   * default action; `child` ends the process, or returns to go on with the event loop.
   */
  run(child: () => void): number {
    const before = blockAllSignals();
    allowInChild(lowestAddress, this.#end);
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
   * As {@link run}, for a process that {@link run} has made and that has not changed its signals.
   * The child's parent is this process's own.
   */
  runSibling(child: () => void): number {
    allowInChild(lowestAddress, this.#end);
    const pid = forkSibling();
    if (pid === 0) beChild(child);
    return pid;
  }
}

/** No exception may reach the parent's code that the child has a copy of. */
function beChild(child: () => void): void {
  try {
    child();
  } catch {
    exitNow(childFailed);
  }
}

/** The kernel's own mappings, from [vvar] on, cannot be advised. */
function endOfOrdinaryMappings(): bigint {
  const maps = readFileSync('/proc/self/maps', 'latin1').split('\n');
  const kernels = maps.find((line) => /\[(vvar|vdso)/.test(line));
  if (kernels === undefined) throw new Error("Cannot find '[vvar]' among this process's mappings");
  return BigInt(`0x${kernels.slice(0, kernels.indexOf('-'))}`);
}

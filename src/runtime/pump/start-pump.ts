import { spawn } from 'node:child_process';
import { closeSync, readFileSync } from 'node:fs';
import { childrenGetAllMemory } from '../../wasi/libc/memory-of-children.ts';
import { openPipe } from '../../wasi/libc/pipe.ts';
import { containerEnvironment, executedProcessFlags } from '../launcher/process-flags.ts';
import { programFile } from '../program-file.ts';
import { fork } from '../zygote/fork.ts';

/** What a pump says when it stands in its sandbox; anything else is why it does not. */
export const pumpIsReady = 'ready';

export interface PumpStart {
  /** The script, see `programFile`, that is executed where this process cannot fork. */
  readonly main: string;
  /** The container's. */
  readonly directory: string;
  /** What the pump works with; the script finds them from 4 on, after `ready`. */
  readonly descriptors: readonly number[];
  /** What a forked pump must not hold. */
  readonly others: readonly number[];
  /** What a forked pump does; `ready` takes {@link pumpIsReady}. */
  readonly run: (ready: number) => never;
}

/**
 * Starts a process that carries a container's standard streams, and waits until it stands in its
 * sandbox. It outlives this process until it has carried all.
 *
 * @throws where it cannot confine itself
 */
export function startPump(start: PumpStart): void {
  const ready = openPipe();
  if (typeof ready === 'number') throw new Error(`Cannot make a pipe: errno ${-ready}`);
  if (canFork()) {
    fork(() => {
      for (const fd of [ready.read, ...start.others]) closeSync(fd);
      start.run(ready.write);
    });
  } else {
    spawnPump(start, ready.write);
  }
  closeSync(ready.write);
  const answer = readFileSync(ready.read, 'utf8');
  closeSync(ready.read);
  if (answer !== pumpIsReady) throw new Error(`Cannot write the container's log: ${answer}`);
}

/** A process with one thread is a forked one, or could be. */
function canFork(): boolean {
  return process.execArgv.includes('--single-threaded') && childrenGetAllMemory();
}

function spawnPump({ main, directory, descriptors }: PumpStart, ready: number): void {
  spawn(process.execPath, [...executedProcessFlags, programFile(main), directory], {
    env: containerEnvironment,
    stdio: ['ignore', 'ignore', 'inherit', ready, ...descriptors],
  });
}

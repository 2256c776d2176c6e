import { spawn } from 'node:child_process';
import { closeSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { openPipe, type Pipe } from '../../../wasi/libc/pipe.ts';
import { containerEnvironment, executedProcessFlags } from '../../launcher/process-flags.ts';
import { Fork } from '../../zygote/fork.ts';
import { type HeldFifo, pumpIsReady, runLogPump } from './log-pump.ts';

const pumpMain = path.join(
  import.meta.dirname,
  `log-pump-main${path.extname(import.meta.filename)}`,
);

export interface LogPumpPipes {
  readonly stdout: Pipe;
  readonly stderr: Pipe;
  /** The container's standard input, where it waits for its first writer. */
  readonly stdin?: HeldFifo;
}

/**
 * Starts the process that writes a container's log, and waits until it stands in its sandbox. It
 * outlives this process until it has written all of its output.
 *
 * @throws where it cannot confine itself
 */
export function startLogPump(directory: string, pipes: LogPumpPipes): void {
  const ready = openPipe();
  if (typeof ready === 'number') throw new Error(`Cannot make a pipe: errno ${-ready}`);
  // A process with one thread is a forked one, or could be.
  if (process.execArgv.includes('--single-threaded')) forkPump(directory, ready, pipes);
  else spawnPump(directory, ready, pipes);
  closeSync(ready.write);
  const answer = readFileSync(ready.read, 'utf8');
  closeSync(ready.read);
  if (answer !== pumpIsReady) throw new Error(`Cannot write the container's log: ${answer}`);
}

function forkPump(directory: string, ready: Pipe, { stdout, stderr, stdin }: LogPumpPipes): void {
  new Fork().run(() => {
    for (const fd of [ready.read, stdout.write, stderr.write]) closeSync(fd);
    const descriptors = { ready: ready.write, stdout: stdout.read, stderr: stderr.read };
    runLogPump({ directory, ...descriptors, ...(stdin && { stdin }), threads: 'single' });
  });
}

/** A process of its own, which has the descriptors in the order of `log-pump-main.ts`. */
function spawnPump(directory: string, ready: Pipe, { stdout, stderr, stdin }: LogPumpPipes): void {
  const args = [pumpMain, directory, ...(stdin ? ['once'] : [])];
  const held = stdin ? [stdin.holder, stdin.watch] : [];
  spawn(process.execPath, [...executedProcessFlags, ...args], {
    env: containerEnvironment,
    stdio: ['ignore', 'ignore', 'inherit', ready.write, stdout.read, stderr.read, ...held],
  });
}

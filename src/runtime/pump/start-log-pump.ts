import type { Pipe } from '../../wasi/libc/pipe.ts';
import { type HeldFifo, runLogPump } from './log-pump.ts';
import { startPump } from './start-pump.ts';

export interface LogPumpPipes {
  readonly stdout: Pipe;
  readonly stderr: Pipe;
  /** The container's standard input, where it waits for its first writer. */
  readonly stdin?: HeldFifo;
}

/**
 * Starts the process that writes a container's log from pipes, see `startPump`.
 *
 * @throws where it cannot confine itself
 */
export function startLogPump(directory: string, { stdout, stderr, stdin }: LogPumpPipes): void {
  const own = { stdout: stdout.read, stderr: stderr.read };
  startPump({
    main: 'runtime/pump/log-pump-main',
    directory,
    descriptors: [own.stdout, own.stderr, ...(stdin ? [stdin.holder, stdin.watch] : [])],
    others: [stdout.write, stderr.write],
    run: (ready) =>
      runLogPump({ directory, ready, ...own, ...(stdin && { stdin }), threads: 'single' }),
  });
}

import { closeSync, constants, openSync } from 'node:fs';
import { watchOpenings } from '../../../wasi/libc/file-openings.ts';
import { openPipe, type Pipe } from '../../../wasi/libc/pipe.ts';
import { duplicateTo } from '../../../wasi/libc/process.ts';
import { openExecStdio, openStdin } from '../../container/container-stdio.ts';
import type { ContainerSpec } from '../../container-spec.ts';
import type { HeldFifo } from '../../pump/log-pump.ts';
import { startLogPump } from '../../pump/start-log-pump.ts';
import { startTerminal } from '../../pump/start-terminal.ts';
import { must } from '../../sandbox/sandbox-error.ts';
import { containerFiles } from '../../state/container-directory.ts';

/**
 * Opens the standard streams of a program that knows no logs: those of its caller, or a terminal
 * or pipes whose other side is a process that writes the log.
 */
export function openProgramStdio(spec: ContainerSpec, directory: string): void {
  if (spec.exec !== undefined) openExecStdio(spec.exec.stdio);
  else if (spec.tty) openExecStdio(startTerminal(spec, directory));
  else openPipes(spec, directory);
}

function openPipes(spec: ContainerSpec, directory: string): void {
  openStdin(spec, directory);
  const [stdout, stderr] = [pipe(), pipe()];
  const stdin = spec.stdin === 'once' ? holdOpen(containerFiles(directory).stdin) : undefined;
  startLogPump(directory, { stdout, stderr, ...(stdin && { stdin }) });
  must('connect the log', duplicateTo(stdout.write, 1));
  must('connect the log', duplicateTo(stderr.write, 2));
  const pumps = [stdout.read, stderr.read, ...Object.values(stdin ?? {})];
  for (const fd of [stdout.write, stderr.write, ...pumps]) closeSync(fd);
}

function holdOpen(fifo: string): HeldFifo {
  const holder = openSync(fifo, constants.O_WRONLY | constants.O_NONBLOCK);
  return { holder, watch: must('watch standard input', watchOpenings(fifo)) };
}

function pipe(): Pipe {
  const ends = openPipe();
  if (typeof ends === 'number') throw new Error(`Cannot make a pipe: errno ${-ends}`);
  return ends;
}

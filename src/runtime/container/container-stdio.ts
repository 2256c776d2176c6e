import { closeSync, constants, openSync } from 'node:fs';
import { duplicateTo } from '../../wasi/libc/process.ts';
import { makeBlocking } from '../../wasi/libc/wait-for-input.ts';
import type { Sink } from '../../wasi/preview1/sink.ts';
import type { Clocks } from '../../wasi/system/clocks.ts';
import type { ContainerSpec, ExecStdio } from '../container-spec.ts';
import { ContainerLog } from '../log/container-log.ts';
import { startTerminal } from '../pump/start-terminal.ts';
import { must } from '../sandbox/sandbox-error.ts';
import { containerFiles } from '../state/container-directory.ts';

/** Where a guest's standard streams lead. */
export interface ContainerStdio {
  readonly stdin: number;
  readonly stdout: number | Sink;
  readonly stderr: number | Sink;
  /** Writes what is held back; called once, when the guest has ended. */
  end(): void;
}

const { O_RDONLY, O_WRONLY, O_RDWR, O_NONBLOCK } = constants;

/** Opens the streams of a container, or of a program that runs beside one. */
export function openContainerStdio(
  spec: ContainerSpec,
  directory: string,
  clocks: Clocks,
): ContainerStdio {
  if (spec.exec) return openExecStdio(spec.exec.stdio);
  if (spec.tty) return openExecStdio(startTerminal(spec, directory));
  return openLoggedStdio(spec, directory, clocks);
}

/** Input from the container's FIFO, output to its log; nothing else writes to 1 and 2. */
function openLoggedStdio(spec: ContainerSpec, directory: string, clocks: Clocks): ContainerStdio {
  openStdin(spec, directory);
  openAs(1, '/dev/null', O_WRONLY);
  openAs(2, '/dev/null', O_WRONLY);
  const tail = containerFiles(directory).logTail;
  const log = new ContainerLog(spec.log, clocks, { tail });
  log.open();
  const { stdout, stderr } = log;
  return { stdin: 0, stdout, stderr, end: () => log.end() };
}

/** Opens the container's standard input. */
export function openStdin(spec: ContainerSpec, directory: string): void {
  openAs(0, ...stdinOf(spec, directory));
  if (spec.stdin === 'once') must('let standard input wait', makeBlocking(0));
}

function stdinOf(spec: ContainerSpec, directory: string): [path: string, flags: number] {
  const { stdin } = containerFiles(directory);
  switch (spec.stdin) {
    case 'closed':
      return ['/dev/null', O_RDONLY];
    case 'open':
      return [stdin, O_RDWR]; // being a writer of it too, it never ends
    case 'once':
      return [stdin, O_RDONLY | O_NONBLOCK]; // does not wait for its first writer
    default:
      throw new Error(`Cannot open stdin '${spec.stdin satisfies never}'`);
  }
}

/** The caller's pipes, or the terminal, which becomes the session's controlling one. */
export function openExecStdio(stdio: ExecStdio): ContainerStdio {
  if (stdio.kind === 'terminal') {
    for (const fd of [0, 1, 2]) openAs(fd, stdio.path, O_RDWR);
  } else {
    openAs(0, stdio.stdin ?? '/dev/null', O_RDONLY);
    openAs(1, stdio.stdout ?? '/dev/null', O_WRONLY);
    openAs(2, stdio.stderr ?? '/dev/null', O_WRONLY);
  }
  return { stdin: 0, stdout: 1, stderr: 2, end: () => {} };
}

function openAs(target: number, path: string, flags: number): void {
  const fd = openSync(path, flags);
  must(`open '${path}' as descriptor ${target}`, duplicateTo(fd, target));
  closeSync(fd);
}

import { openFlag } from '../../wasi/libc/open-flags.ts';
import { closeFile, openFile } from '../../wasi/libc/plain-file.ts';
import { duplicateTo } from '../../wasi/libc/process.ts';
import { makeBlocking } from '../../wasi/libc/wait-for-input.ts';
import type { Sink } from '../../wasi/preview1/sink.ts';
import type { ContainerSpec, ExecStdio } from '../container-spec.ts';
import type { ContainerLog } from '../log/container-log.ts';
import { startTerminal } from '../pump/start-terminal.ts';
import { must } from '../sandbox/sandbox-error.ts';
import { containerFiles } from '../state/container-directory.ts';

/** Where a guest's standard streams lead. */
export interface ContainerStdio {
  readonly stdin: number;
  readonly stdout: number | Sink;
  readonly stderr: number | Sink;
  /**
   * Output of a thread of the container's, written by this one. Without it, all threads share
   * `stdout` and `stderr`.
   *
   * @param thread from 1, used by one thread at a time
   */
  ofThread?(thread: number): ThreadOutputs;
  /** Writes what is held back; called once, when the guest has ended. */
  end(): void;
}

export interface ThreadOutputs {
  readonly stdout: Sink;
  readonly stderr: Sink;
  /** Writes what is held back; called once, when the thread has ended. */
  end(): void;
}

const { readOnly, writeOnly, readWrite, nonblock } = openFlag;

/** Opens the streams of a container, or of a program that runs beside one. */
export function openContainerStdio(
  spec: ContainerSpec,
  directory: string,
  log: ContainerLog,
): ContainerStdio {
  if (spec.exec) return openExecStdio(spec.exec.stdio);
  if (spec.tty) return openExecStdio(startTerminal(spec, directory));
  return openLoggedStdio(spec, directory, log);
}

/** Input from the container's FIFO, output to its log; nothing else writes to 1 and 2. */
function openLoggedStdio(
  spec: ContainerSpec,
  directory: string,
  log: ContainerLog,
): ContainerStdio {
  openStdin(spec, directory);
  openAs(1, '/dev/null', writeOnly);
  openAs(2, '/dev/null', writeOnly);
  log.open(spec.log, { tail: containerFiles(directory).logTail });
  const { stdout, stderr } = log;
  const ofThread = (thread: number) => outputsOf(log, thread);
  return { stdin: 0, stdout, stderr, ofThread, end: () => log.end() };
}

function outputsOf(log: ContainerLog, thread: number): ThreadOutputs {
  const { stdout, stderr } = log.ofThread(thread);
  const end = () => {
    stdout.end();
    stderr.end();
  };
  return { stdout, stderr, end };
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
      return ['/dev/null', readOnly];
    case 'open':
      return [stdin, readWrite]; // being a writer of it too, it never ends
    case 'once':
      return [stdin, readOnly | nonblock]; // does not wait for its first writer
    default:
      throw new Error(`Cannot open stdin '${spec.stdin satisfies never}'`);
  }
}

/** The caller's pipes, or the terminal, which becomes the session's controlling one. */
export function openExecStdio(stdio: ExecStdio): ContainerStdio {
  if (stdio.kind === 'terminal') {
    for (const fd of [0, 1, 2]) openAs(fd, stdio.path, readWrite);
  } else {
    openAs(0, stdio.stdin ?? '/dev/null', readOnly);
    openAs(1, stdio.stdout ?? '/dev/null', writeOnly);
    openAs(2, stdio.stderr ?? '/dev/null', writeOnly);
  }
  return { stdin: 0, stdout: 1, stderr: 2, end: () => {} };
}

function openAs(target: number, path: string, flags: number): void {
  const fd = must(`open '${path}'`, openFile(path, flags));
  must(`open '${path}' as descriptor ${target}`, duplicateTo(fd, target));
  closeFile(fd);
}

import { constants, openSync, writeSync } from 'node:fs';
import { duplicateTo } from '../../wasi/libc/process.ts';
import type { ContainerSpec, StdinMode } from '../container-spec.ts';
import { must } from '../sandbox/sandbox-error.ts';
import { containerFiles } from '../state/container-directory.ts';

export interface ContainerStdio {
  readonly stdin: number;
  readonly stdout: OutputSink;
  readonly stderr: OutputSink;
  /** Open descriptors behind the above, besides 0. */
  readonly descriptors: readonly number[];
}

export interface OutputSink {
  write(bytes: Uint8Array): void;
}

const stdinDescriptor = 0;

/** Puts the container's standard input at descriptor 0, nothing at 1 and 2, and opens the log. */
export function openContainerStdio(spec: ContainerSpec, directory: string): ContainerStdio {
  const nowhere = openSync('/dev/null', constants.O_RDWR);
  const stdin = openStdin(spec.stdin, containerFiles(directory).stdin) ?? nowhere;
  must('open standard input', duplicateTo(stdin, stdinDescriptor));
  for (const fd of [1, 2]) must('silence standard output', duplicateTo(nowhere, fd));
  const log = openSync(
    spec.log.path,
    constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT,
    0o640,
  );
  const sink = { write: (bytes: Uint8Array) => void writeSync(log, bytes) };
  return { stdin: stdinDescriptor, stdout: sink, stderr: sink, descriptors: [log] };
}

function openStdin(mode: StdinMode, fifo: string): number | undefined {
  if (mode === 'closed') return undefined;
  // Opened for writing too, the FIFO never ends; without, it ends with its last writer.
  const flags = mode === 'open' ? constants.O_RDWR : constants.O_RDONLY | constants.O_NONBLOCK;
  return openSync(fifo, flags);
}

import { closeSync, constants, openSync, readSync, writeSync } from 'node:fs';
import { inspect } from 'node:util';
import { NativeSystem } from '../../../wasi/libc/native-system.ts';
import { duplicateTo, exitNow, startSession } from '../../../wasi/libc/process.ts';
import { waitForAnyInput } from '../../../wasi/libc/wait-for-input.ts';
import { readContainerSpec } from '../../container/announce-container.ts';
import { logRules } from '../../container/container-policy.ts';
import { reopenExitNote, writeExitNote } from '../../container/exit-note.ts';
import type { ContainerSpec } from '../../container-spec.ts';
import { ContainerLog } from '../../log/container-log.ts';
import { enterSandbox, prepareSandbox } from '../../sandbox/enter-sandbox.ts';
import { must } from '../../sandbox/sandbox-error.ts';
import type { ThreadPolicy } from '../../sandbox/sandbox-policy.ts';
import { containerFiles } from '../../state/container-directory.ts';
import { ComplaintReader } from './complaint-reader.ts';

/** What the pump says when it stands in its sandbox; anything else is why it does not. */
export const pumpIsReady = 'ready';

/** So little that the log is rotated in time. */
const chunkBytes = 16 * 1024;

/** Keeps a FIFO from being at its end before its first writer has come. */
export interface HeldFifo {
  /** A writing end; closed when the first writer has opened its own. */
  readonly holder: number;
  /** Readable when somebody has. */
  readonly watch: number;
}

export interface LogPumpInit {
  /** The container's. */
  readonly directory: string;
  /** Write end of the pipe that takes {@link pumpIsReady}. */
  readonly ready: number;
  /** Read ends of what the program writes. */
  readonly stdout: number;
  readonly stderr: number;
  readonly stdin?: HeldFifo;
  readonly threads: ThreadPolicy;
}

/**
 * Is the process that writes the log of a program: from its two pipes, in CRI format, until both
 * are at their end. It holds the container's `alive`, so that whoever waits for the container's
 * end finds its log complete; and it is in no group that is killed, so that what a killed program
 * has written is not lost. If the program's last words say how it ended, it notes that.
 */
export function runLogPump(init: LogPumpInit): never {
  const pump = prepare(init);
  carry(init, pump);
  pump.log.end();
  const note = pump.complaints.read();
  if (note !== undefined) writeExitNote(pump.exitNote, note);
  exitNow(0);
}

interface LogPump {
  readonly log: ContainerLog;
  readonly complaints: ComplaintReader;
  readonly exitNote: number;
}

/** Opens everything and closes the sandbox. */
function prepare({ directory, ready, threads }: LogPumpInit): LogPump {
  try {
    const spec = readContainerSpec(directory);
    leaveContainer();
    openSync(containerFiles(directory).alive, constants.O_RDWR);
    const exitNote = reopenExitNote(directory);
    const log = openLog(spec, directory);
    const { sandbox: mode, user } = spec;
    enterSandbox({ mode, user, files: logRules(spec) }, prepareSandbox(threads));
    writeSync(ready, pumpIsReady);
    closeSync(ready);
    return { log, complaints: new ComplaintReader(), exitNote };
  } catch (error) {
    writeSync(ready, error instanceof Error ? error.message : inspect(error));
    exitNow(1);
  }
}

function leaveContainer(): void {
  must('start a session', startSession());
  const nowhere = openSync('/dev/null', constants.O_RDWR);
  must('leave standard input', duplicateTo(nowhere, 0));
  closeSync(nowhere);
}

function openLog(spec: ContainerSpec, directory: string): ContainerLog {
  const { clocks } = new NativeSystem();
  const { logTail: tail } = containerFiles(directory);
  const log = new ContainerLog(spec.log, clocks, { tail, terminal: spec.tty });
  log.open();
  return log;
}

/** What is read from each descriptor; it returns `false` at its end. */
type Readers = Map<number, () => boolean>;

function carry({ stdout, stderr, stdin }: LogPumpInit, { log, complaints }: LogPump): void {
  const chunk = Buffer.alloc(chunkBytes);
  const into = (fd: number, write: (bytes: Buffer) => void) => () => {
    const length = readSync(fd, chunk);
    if (length > 0) write(chunk.subarray(0, length));
    return length > 0;
  };
  const readers: Readers = new Map([
    [stdout, into(stdout, (bytes) => log.stdout.write(bytes))],
    [
      stderr,
      into(stderr, (bytes) => {
        log.stderr.write(bytes);
        complaints.write(bytes);
      }),
    ],
  ]);
  if (stdin) readers.set(stdin.watch, () => letGo(stdin));
  while (readers.has(stdout) || readers.has(stderr)) readReady(readers);
}

function readReady(readers: Readers): void {
  const ready = waitForAnyInput([...readers.keys()]);
  if (typeof ready === 'number') throw new Error(`Cannot wait for output: errno ${-ready}`);
  for (const fd of ready) {
    if (readers.get(fd)?.()) continue;
    readers.delete(fd);
    closeSync(fd);
  }
}

/** The first writer has come: now its going is the end of standard input. */
function letGo({ holder }: HeldFifo): false {
  closeSync(holder);
  return false;
}

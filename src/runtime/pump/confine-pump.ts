import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { inspect } from 'node:util';
import { duplicateTo, exitNow, startSession } from '../../wasi/libc/process.ts';
import { NativeSystem } from '../../wasi/native/native-system.ts';
import { readContainerSpec } from '../container/announce-container.ts';
import { logRules } from '../container/container-policy.ts';
import { reopenExitNote, writeExitNote } from '../container/exit-note.ts';
import type { ContainerSpec } from '../container-spec.ts';
import { ComplaintReader } from '../engines/wasmtime/complaint-reader.ts';
import { ContainerLog } from '../log/container-log.ts';
import { enterSandbox, prepareSandbox } from '../sandbox/enter-sandbox.ts';
import { must } from '../sandbox/sandbox-error.ts';
import type { ThreadPolicy } from '../sandbox/sandbox-policy.ts';
import { containerFiles } from '../state/container-directory.ts';
import { pumpIsReady } from './start-pump.ts';

export interface PumpInit {
  /** The container's. */
  readonly directory: string;
  /** Write end of the pipe that takes {@link pumpIsReady}. */
  readonly ready: number;
  readonly threads: ThreadPolicy;
}

/** What a pump writes to. */
export interface ConfinedPump {
  readonly log: ContainerLog;
  /** Is shown what the guest's program says of itself. */
  readonly complaints: ComplaintReader;
  /** Writes the rest of the log, and the exit note where the program's last words were one. */
  end(): void;
}

/**
 * Makes the calling process a pump: opens the container's log and shuts itself in. It holds the
 * container's `alive`, so that whoever waits for the container's end finds its log complete; and
 * it is in no group that is killed, so that what a killed program has written is not lost. Ends
 * the process where that fails.
 */
export function confinePump({ directory, ready, threads }: PumpInit): ConfinedPump {
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
    return confined(spec, log, exitNote);
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
  const log = new ContainerLog(clocks);
  log.open(spec.log, { tail, terminal: spec.tty });
  return log;
}

/** Of wasmtime nobody else knows why it ended; other engines say so themselves. */
function confined({ engine }: ContainerSpec, log: ContainerLog, exitNote: number): ConfinedPump {
  const complaints = new ComplaintReader();
  return {
    log,
    complaints,
    end() {
      log.end();
      const note = engine === 'wasmtime' ? complaints.read() : undefined;
      if (note !== undefined) writeExitNote(exitNote, note);
    },
  };
}

import { constants, openSync } from 'node:fs';
import { inspect } from 'node:util';
import { exitNow } from '../../wasi/libc/process.ts';
import { enterSandbox } from '../sandbox/enter-sandbox.ts';
import type { ThreadPolicy } from '../sandbox/sandbox-policy.ts';
import { containerFiles } from '../state/container-directory.ts';
import { type AnnouncedContainer, announceContainer } from './announce-container.ts';
import { type BodyEnd, bodyOf, type ContainerBodies, type OpenedBody } from './container-body.ts';
import { containerPolicy } from './container-policy.ts';
import { closeAllDescriptorsBut } from './descriptors.ts';
import { exitNoteOf, openExitNote, writeExitNote } from './exit-note.ts';
import { sealProcess } from './seal-process.ts';
import { cannotRunExitCode, reportFailure, sendStartReport } from './start-report.ts';

export interface ContainerProcessInit {
  /** The container's directory, with its `spec.json`. */
  readonly directory: string;
  /** Write end of the pipe that takes the start report. */
  readonly report: number;
}

export interface ForkedProcessInit extends ContainerProcessInit {
  readonly cgroups: readonly string[];
  /** See `wakeupDescriptors`. */
  readonly wakeups: readonly number[];
}

export interface ExecutedProcessInit extends ContainerProcessInit {
  /** What the launcher announced before it executed this program. */
  readonly announced: AnnouncedContainer;
}

/**
 * Turns the calling process, which has just been forked, into the container, runs the guest and
 * ends. Closed on failure: where any step fails, the process ends before the guest starts.
 */
export function becomeContainer(init: ForkedProcessInit, bodies: ContainerBodies): never {
  runContainer(init, bodies, 'single', () => {
    closeAllDescriptorsBut([init.report], init.wakeups);
    return announceContainer(init.directory, init.cgroups);
  });
}

/** The same for a process that the launcher has announced, half confined and executed. */
export function continueContainer(init: ExecutedProcessInit, bodies: ContainerBodies): never {
  runContainer(init, bodies, 'engine', () => init.announced);
}

function runContainer(
  init: ContainerProcessInit,
  bodies: ContainerBodies,
  threads: ThreadPolicy,
  announce: () => AnnouncedContainer,
): never {
  let container: ConfinedContainer;
  try {
    sealProcess();
    container = confine(init, announce(), bodies, threads);
  } catch (error) {
    reportFailure(init.report, error);
    exitNow(cannotRunExitCode);
  }
  exitNow(runToEnd(container));
}

interface ConfinedContainer {
  readonly body: OpenedBody;
  readonly exitNote: number;
}

/** Opens everything and closes the sandbox. */
function confine(
  { directory, report }: ContainerProcessInit,
  { spec, identity }: AnnouncedContainer,
  bodies: ContainerBodies,
  threads: ThreadPolicy,
): ConfinedContainer {
  process.title = `krustlet: ${spec.id}`;
  openSync(containerFiles(directory).alive, constants.O_RDWR);
  const body = bodyOf(bodies, spec.engine).open(spec, directory);
  const exitNote = openExitNote(directory);
  const missing = enterSandbox(containerPolicy(spec, body, threads));
  sendStartReport(report, { kind: 'started', ...identity, missing });
  return { body, exitNote };
}

function runToEnd({ body, exitNote }: ConfinedContainer): number {
  const note = exitNoteOf(run(body));
  writeExitNote(exitNote, note);
  return note.exitCode;
}

function run(body: OpenedBody): BodyEnd {
  try {
    return body.run();
  } catch (error) {
    return { kind: 'cannot-run', message: inspect(error) };
  }
}

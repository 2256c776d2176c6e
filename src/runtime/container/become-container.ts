import { constants, openSync } from 'node:fs';
import { inspect } from 'node:util';
import { exitNow } from '../../wasi/libc/process.ts';
import { enterSandbox } from '../sandbox/enter-sandbox.ts';
import { containerFiles } from '../state/container-directory.ts';
import { type AnnouncedContainer, announceContainer } from './announce-container.ts';
import type { BodyEnd, ContainerBodies, OpenedBody } from './container-body.ts';
import { containerPolicy } from './container-policy.ts';
import { openContainerStdio } from './container-stdio.ts';
import { closeAllDescriptorsBut } from './descriptors.ts';
import { openExitNote, writeExitNote } from './exit-note.ts';
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
  runContainer(init, bodies, () => announceContainer(init.directory, init.cgroups), init.wakeups);
}

/** The same for a process that the launcher has announced, half confined and executed. */
export function continueContainer(init: ExecutedProcessInit, bodies: ContainerBodies): never {
  runContainer(init, bodies, () => init.announced);
}

function runContainer(
  init: ContainerProcessInit,
  bodies: ContainerBodies,
  announce: () => AnnouncedContainer,
  wakeups?: readonly number[],
): never {
  let container: ConfinedContainer;
  try {
    sealProcess();
    container = confine(init, announce(), bodies, wakeups);
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

/** Opens everything, lets go of everything else, and closes the sandbox. */
function confine(
  { directory, report }: ContainerProcessInit,
  { spec, identity }: AnnouncedContainer,
  bodies: ContainerBodies,
  wakeups?: readonly number[],
): ConfinedContainer {
  process.title = `krustlet: ${spec.id}`;
  const alive = openSync(containerFiles(directory).alive, constants.O_RDWR);
  const stdio = openContainerStdio(spec, directory);
  const body = bodies[spec.engine].open(spec, stdio);
  const exitNote = openExitNote(directory);
  const policy = containerPolicy(spec, body, wakeups ? 'single' : 'engine');
  if (wakeups !== undefined) {
    const kept = [alive, report, exitNote, ...stdio.descriptors, ...body.descriptors];
    closeAllDescriptorsBut(kept, wakeups);
  }
  const missing = enterSandbox(policy);
  sendStartReport(report, { kind: 'started', ...identity, missing });
  return { body, exitNote };
}

function runToEnd({ body, exitNote }: ConfinedContainer): number {
  const end = run(body);
  writeExitNote(exitNote, end);
  return end.exitCode;
}

function run(body: OpenedBody): BodyEnd {
  try {
    return body.run();
  } catch (error) {
    return { exitCode: cannotRunExitCode, message: inspect(error) };
  }
}

import { constants, openSync } from 'node:fs';
import { inspect } from 'node:util';
import { exitNow } from '../../wasi/libc/process.ts';
import { enterSandbox, type PreparedSandbox } from '../sandbox/enter-sandbox.ts';
import { containerFiles } from '../state/container-directory.ts';
import type { AnnouncedContainer } from './announce-container.ts';
import { type BodyEnd, bodyOf, type ContainerBodies, type OpenedBody } from './container-body.ts';
import { containerPolicy } from './container-policy.ts';
import { exitNoteOf, openExitNote, writeExitNote } from './exit-note.ts';
import { cannotRunExitCode, reportFailure, sendStartReport } from './start-report.ts';

export interface ContainerProcessInit {
  /** The container's directory, with its `spec.json`. */
  readonly directory: string;
  /** Write end of the pipe that takes the start report. */
  readonly report: number;
}

export interface ContainerProcessComponents {
  readonly bodies: ContainerBodies;
  readonly sandbox: PreparedSandbox;
  /** Makes the process known as the container's, or says who has. */
  readonly announce: () => AnnouncedContainer;
}

/**
 * Turns the calling process into the container, runs the guest and ends. Closed on failure: where
 * any step fails, the process ends before the guest starts. Returns only where the guest runs on
 * the event loop, which the caller then goes on with.
 */
export function becomeContainer(
  components: ContainerProcessComponents,
  init: ContainerProcessInit,
): void {
  let container: ConfinedContainer;
  try {
    container = confine(components, init);
  } catch (error) {
    reportFailure(init.report, error);
    exitNow(cannotRunExitCode);
  }
  const end = run(container.body);
  if (end instanceof Promise) void end.then((late) => finish(container, late));
  else finish(container, end);
}

interface ConfinedContainer {
  readonly body: OpenedBody;
  readonly exitNote: number;
}

/** Opens everything and closes the sandbox. */
function confine(
  { bodies, sandbox, announce }: ContainerProcessComponents,
  { directory, report }: ContainerProcessInit,
): ConfinedContainer {
  const { spec, identity } = announce();
  process.title = `krustlet: ${spec.id}`;
  openSync(containerFiles(directory).alive, constants.O_RDWR);
  const exitNote = openExitNote(directory);
  const body = bodyOf(bodies, spec).open(spec, directory);
  const missing = enterSandbox(containerPolicy(spec, body), sandbox);
  sendStartReport(report, { kind: 'started', ...identity, missing });
  return { body, exitNote };
}

function run(body: OpenedBody): BodyEnd | Promise<BodyEnd> {
  try {
    const end = body.run();
    return end instanceof Promise ? end.catch(ourFault) : end;
  } catch (error) {
    return ourFault(error);
  }
}

function ourFault(error: unknown): BodyEnd {
  return { kind: 'cannot-run', message: inspect(error) };
}

function finish({ exitNote }: ConfinedContainer, end: BodyEnd): never {
  const note = exitNoteOf(end);
  writeExitNote(exitNote, note);
  exitNow(note.exitCode);
}

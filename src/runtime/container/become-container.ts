import { inspect } from 'node:util';
import { openFlag } from '../../wasi/libc/open-flags.ts';
import { openFile } from '../../wasi/libc/plain-file.ts';
import type { ContainerSpec } from '../container-spec.ts';
import type { SandboxPart } from '../container-starter.ts';
import type { ProcessIdentity } from '../process/process-identity.ts';
import { must } from '../sandbox/sandbox-error.ts';
import type { SandboxPolicy } from '../sandbox/sandbox-policy.ts';
import { containerFiles } from '../state/container-directory.ts';
import type { BodyEnd, OpenedBody } from './container-body.ts';
import { containerPolicy } from './container-policy.ts';
import { exitNoteOf, openExitNote, writeExitNote } from './exit-note.ts';
import { endUncaughtBy } from './seal-process.ts';
import { cannotRunExitCode, reportFailure, sendStartReport } from './start-report.ts';
import { readWrittenSpec } from './written-spec.ts';

export interface ContainerProcessInit {
  /** The container's directory, with its `spec.json`. */
  readonly directory: string;
  /** The calling process, as the container's it is known as. */
  readonly identity: ProcessIdentity;
  /** Write end of the pipe that takes the start report. */
  readonly report: number;
}

export interface ContainerProcessComponents {
  /** See `ContainerBody`. */
  readonly open: (spec: ContainerSpec, directory: string) => OpenedBody;
  /** Closes the sandbox, and says what the machine lacks of it: see `enterSandbox`. */
  readonly enter: (policy: SandboxPolicy) => SandboxPart[];
  /** Returns when the guest may run, which has been reported by then. @default at once */
  readonly wait?: () => void;
  /** Ends the process. */
  readonly exit: (code: number) => void;
}

/**
 * Turns the calling process, which has been announced, into the container, runs the guest and ends.
 * Closed on failure: where any step fails, the process ends before the guest starts. Returns only
 * where the guest runs on the event loop, which the caller then goes on with.
 */
export function becomeContainer(
  components: ContainerProcessComponents,
  init: ContainerProcessInit,
): void {
  const container = confine(components, init);
  if (container === undefined) {
    components.exit(cannotRunExitCode);
    return;
  }
  components.wait?.();
  const finish = (end: BodyEnd) => {
    const note = exitNoteOf(end);
    writeExitNote(container.exitNote, note);
    components.exit(note.exitCode);
  };
  const end = run(container.body);
  if (end instanceof Promise) {
    endUncaughtBy((error) => finish(ourFault(error)));
    void end.then(finish);
  } else finish(end);
}

interface ConfinedContainer {
  readonly body: OpenedBody;
  readonly exitNote: number;
}

/** Opens everything and closes the sandbox; reports, either way. */
function confine(
  { open, enter }: ContainerProcessComponents,
  { directory, identity, report }: ContainerProcessInit,
): ConfinedContainer | undefined {
  try {
    const spec = readWrittenSpec(directory);
    process.title = `krustlet: ${spec.id}`;
    must("open 'alive'", openFile(containerFiles(directory).alive, openFlag.readWrite));
    const exitNote = openExitNote(directory);
    const body = open(spec, directory);
    const missing = enter(containerPolicy(spec, body));
    sendStartReport(report, { kind: 'started', ...identity, missing });
    return { body, exitNote };
  } catch (error) {
    reportFailure(report, error);
    return undefined;
  }
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

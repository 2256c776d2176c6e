import { constants, openSync, readFileSync } from 'node:fs';
import { inspect } from 'node:util';
import { exitNow, processId } from '../../wasi/libc/process.ts';
import type { ContainerSpec } from '../container-spec.ts';
import type { SandboxPart, StartErrorCode } from '../container-starter.ts';
import { startTimeOf } from '../process/process-identity.ts';
import { enterSandbox } from '../sandbox/enter-sandbox.ts';
import { SandboxError } from '../sandbox/sandbox-error.ts';
import { containerFiles } from '../state/container-directory.ts';
import { createProcessRecord } from '../state/process-record.ts';
import type { BodyEnd, ContainerBodies, OpenedBody } from './container-body.ts';
import { takeIdentity } from './container-identity.ts';
import { containerPolicy } from './container-policy.ts';
import { openContainerStdio } from './container-stdio.ts';
import { closeAllDescriptorsBut } from './descriptors.ts';
import { openExitNote, writeExitNote } from './exit-note.ts';
import { joinCgroups } from './join-cgroups.ts';
import { sealProcess } from './seal-process.ts';
import { sendStartReport } from './start-report.ts';

/** Exit code of a container process that could not become one. */
export const cannotRunExitCode = 125;

export interface ContainerProcessInit {
  /** The container's directory, with its `spec.json`. */
  readonly directory: string;
  readonly cgroups: readonly string[];
  /** Write end of the pipe that takes the start report. */
  readonly report: number;
  /** See `wakeupDescriptors`. */
  readonly wakeups: readonly number[];
}

/**
 * Turns the calling process, a fresh one or the zygote's child, into the container, runs the guest
 * and ends. Closed on failure: where any step fails, the process ends before the guest starts.
 */
export function becomeContainer(init: ContainerProcessInit, bodies: ContainerBodies): never {
  sealProcess();
  let container: ConfinedContainer;
  try {
    container = enterContainer(init, bodies);
  } catch (error) {
    sendStartReport(init.report, { kind: 'failed', ...explain(error) });
    exitNow(cannotRunExitCode);
  }
  exitNow(runToEnd(container));
}

interface ConfinedContainer {
  readonly body: OpenedBody;
  readonly exitNote: number;
}

function enterContainer(init: ContainerProcessInit, bodies: ContainerBodies): ConfinedContainer {
  const { directory, report } = init;
  const identity = claim(directory);
  const alive = openSync(containerFiles(directory).alive, constants.O_RDWR);
  const spec = readSpec(directory);
  joinCgroups(init.cgroups);
  takeIdentity(spec.id);
  const stdio = openContainerStdio(spec, directory);
  const body = bodies[spec.engine].open(spec, stdio);
  const exitNote = openExitNote(directory);
  const policy = containerPolicy(spec, body);
  const kept = [alive, report, exitNote, ...stdio.descriptors, ...body.descriptors];
  closeAllDescriptorsBut(kept, init.wakeups);
  const missing: SandboxPart[] = enterSandbox(policy);
  sendStartReport(report, { kind: 'started', ...identity, missing });
  return { body, exitNote };
}

/** Makes the container's one process known, before it does anything that would need an end. */
function claim(directory: string): { pid: number; startTime: string } {
  const pid = processId();
  const startTime = startTimeOf(pid);
  if (startTime === undefined) throw new Error(`Cannot read '/proc/${pid}/stat': not there`);
  const record = { kind: 'process', pid, startTime, startedAt: new Date() } as const;
  if (!createProcessRecord(directory, record)) {
    throw new Error(
      `Cannot start the container of '${directory}': it was started or given up before`,
    );
  }
  return { pid, startTime };
}

function readSpec(directory: string): ContainerSpec {
  return JSON.parse(readFileSync(containerFiles(directory).spec, 'utf8'));
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

function explain(error: unknown): { code: StartErrorCode; message: string } {
  const code =
    error instanceof SandboxError && error.unavailable ? 'SandboxUnavailable' : 'PreparationFailed';
  return { code, message: messageOf(error) };
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return inspect(error);
  return error.cause === undefined ? error.message : `${error.message}: ${messageOf(error.cause)}`;
}

import { computedTooLong } from '../../wasi/libc/computing-limit.ts';
import type { ProcessEnd } from '../../wasi/libc/process.ts';
import type { ExitNote } from '../container/exit-note.ts';
import type { ExitReason, ExitRecord } from '../state/exit-record.ts';

const signalExitBase = 128;

export interface ContainerLife {
  readonly end: ProcessEnd;
  readonly note: ExitNote | undefined;
  /** Whether the kernel killed it for its memory limit. */
  readonly outOfMemory: boolean;
  /** Why the process never ran the guest; `undefined` where it did. */
  readonly startFailure: string | undefined;
  readonly startedAt: Date;
  readonly finishedAt: Date;
}

/** The exit record of a process that has been reaped. The kernel's word goes before the guest's. */
export function exitRecordOf(life: ContainerLife): ExitRecord {
  const { end, startedAt, finishedAt } = life;
  const message = life.startFailure ?? life.note?.message ?? messageOf(end);
  return {
    exitCode: exitCodeOf(life),
    ...(end.kind === 'signaled' && { signal: end.signal }),
    reason: reasonOf(life),
    ...(message !== undefined && { message }),
    startedAt,
    finishedAt,
  };
}

function messageOf(end: ProcessEnd): string | undefined {
  if (end.kind !== 'signaled' || end.signal !== computedTooLong) return undefined;
  return 'A request computed on for longer than a request may take';
}

/** A program that could not run the guest has no exit codes of ours. */
function exitCodeOf({ end, note }: ContainerLife): number {
  if (end.kind === 'signaled') return signalExitBase + end.signal;
  return note?.cannotRun ? note.exitCode : end.code;
}

function reasonOf({ end, note, outOfMemory, startFailure }: ContainerLife): ExitReason {
  if (startFailure !== undefined || note?.cannotRun) return 'ContainerCannotRun';
  if (outOfMemory || note?.outOfMemory) return 'OOMKilled';
  return end.kind === 'exited' && end.code === 0 ? 'Completed' : 'Error';
}

import { readFileSync } from 'node:fs';

/** One process for good: a pid is used again, a pid with its start time is not. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Field 22 of `/proc/<pid>/stat`, in clock ticks since boot. */
  readonly startTime: string;
}

/** Whether the process still runs; a zombie does not. */
export function isRunning(identity: ProcessIdentity): boolean {
  const fields = statFields(identity.pid);
  return fields !== undefined && fields.startTime === identity.startTime && fields.state !== 'Z';
}

/** The start time of the process that has this pid now; `undefined` where there is none. */
export function startTimeOf(pid: number): string | undefined {
  return statFields(pid)?.startTime;
}

function statFields(pid: number): { state: string; startTime: string } | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch (error) {
    // ESRCH: it ended between the open and the read
    if (
      error instanceof Error &&
      'code' in error &&
      ['ENOENT', 'ESRCH'].includes(`${error.code}`)
    ) {
      return undefined;
    }
    throw error;
  }
  // The command's name, in parentheses, may hold anything: the fields count from its end.
  const [state = '', ...rest] = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return { state, startTime: rest[18] ?? '' };
}

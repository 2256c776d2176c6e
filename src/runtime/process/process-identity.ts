import { readFileSync } from 'node:fs';
import { hasErrorCode } from '../errors.ts';

/** One process for good: a pid is used again, a pid with its start time is not in the same boot. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Field 22 of `/proc/<pid>/stat`, in clock ticks since boot. */
  readonly startTime: string;
  /** The boot that these are of, as `bootId` names it: where the identity may outlive it. */
  readonly boot?: string;
}

/** Whether the process still runs; a zombie does not. */
export function isRunning(identity: ProcessIdentity): boolean {
  if (identity.boot !== undefined && identity.boot !== bootId()) return false;
  const fields = statFields(identity.pid);
  return fields !== undefined && fields.startTime === identity.startTime && fields.state !== 'Z';
}

/** The start time of the process that has this pid now; `undefined` where there is none. */
export function startTimeOf(pid: number): string | undefined {
  return statFields(pid)?.startTime;
}

/** Names this boot of the machine; `undefined` where `/proc` does not show it. */
export function bootId(): string | undefined {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT', 'EACCES')) return undefined;
    throw error;
  }
}

function statFields(pid: number): { state: string; startTime: string } | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch (error) {
    // ESRCH: it ended between the open and the read
    if (hasErrorCode(error, 'ENOENT', 'ESRCH')) return undefined;
    throw error;
  }
  // The command's name, in parentheses, may hold anything: the fields count from its end.
  const [state = '', ...rest] = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return { state, startTime: rest[18] ?? '' };
}

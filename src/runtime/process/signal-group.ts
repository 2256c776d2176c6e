import { isRunning, type ProcessIdentity } from './process-identity.ts';

/**
 * Sends a signal to the whole process group that the process leads; `false` where the leader has
 * ended. A stopped group is continued, so that it can act on the signal. A process that is about to
 * become the leader is all there is of its group.
 */
export function signalGroup(leader: ProcessIdentity, signal: NodeJS.Signals): boolean {
  if (!isRunning(leader)) return false;
  if (send(-leader.pid, signal)) return true;
  return isRunning(leader) && send(leader.pid, signal);
}

/** `false` where there is no such process or group. */
function send(pid: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(pid, signal);
    if (signal !== 'SIGSTOP' && signal !== 'SIGKILL') process.kill(pid, 'SIGCONT');
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return false;
    throw error;
  }
}

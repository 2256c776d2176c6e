import { isRunning, type ProcessIdentity } from './process-identity.ts';

/**
 * Sends a signal to the whole process group that the process leads; `false` where the leader has
 * ended. A stopped group is continued, so that it can act on the signal.
 */
export function signalGroup(leader: ProcessIdentity, signal: NodeJS.Signals): boolean {
  if (!isRunning(leader)) return false;
  try {
    process.kill(-leader.pid, signal);
    if (signal !== 'SIGSTOP' && signal !== 'SIGKILL') process.kill(-leader.pid, 'SIGCONT');
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return false;
    throw error;
  }
}

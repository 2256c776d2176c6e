import { closeSync, constants, openSync } from 'node:fs';
import { setTerminalSize } from '../../wasi/libc/pseudo-terminal.ts';
import { hasErrorCode } from '../errors.ts';
import type { TerminalSize } from '../exec/exec-request.ts';
import { isRunning, type ProcessIdentity } from './process-identity.ts';

const { O_RDWR, O_NOCTTY, O_NONBLOCK } = constants;

/**
 * Sets the size of the terminal that is a process's standard input. Found by the process, it can
 * be nobody else's, whatever number it has. Nothing happens where the process has ended, or is
 * another user's.
 */
export function resizeTerminal(identity: ProcessIdentity, size: TerminalSize): void {
  const { pid } = identity;
  const terminal = openStandardInput(pid);
  if (terminal === undefined) return;
  try {
    if (!isRunning(identity)) return; // somebody else has its pid
    const result = setTerminalSize(terminal, size);
    if (result < 0) throw new Error(`Cannot resize the terminal of ${pid}: errno ${-result}`);
  } finally {
    closeSync(terminal);
  }
}

function openStandardInput(pid: number): number | undefined {
  try {
    return openSync(`/proc/${pid}/fd/0`, O_RDWR | O_NOCTTY | O_NONBLOCK);
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT', 'ESRCH', 'ENXIO', 'EIO', 'EACCES')) return undefined;
    throw error;
  }
}

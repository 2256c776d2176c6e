import { closeSync, constants, fstatSync, openSync } from 'node:fs';
import { openFlag } from '../../wasi/libc/open-flags.ts';
import { setTerminalSize } from '../../wasi/libc/pseudo-terminal.ts';
import { hasErrorCode } from '../errors.ts';
import type { TerminalSize } from '../exec/exec-request.ts';
import { isRunning, type ProcessIdentity } from './process-identity.ts';

const { O_RDWR, O_NOCTTY, O_NONBLOCK } = constants;
/** Device numbers of what opens `/dev/pts`: UNIX98_PTY_SLAVE_MAJOR, and the seven after it. */
const terminals = { first: 136, last: 143 };

/**
 * Sets the size of the terminal that is a process's standard input. Found by the process, it can
 * be nobody else's, whatever number it has. Nothing happens where the process has ended, is another
 * user's, or has made something else of its standard input, which is not even opened.
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
    const what = openSync(`/proc/${pid}/fd/0`, openFlag.path);
    try {
      if (!isTerminal(what)) return undefined;
      return openSync(`/proc/self/fd/${what}`, O_RDWR | O_NOCTTY | O_NONBLOCK);
    } finally {
      closeSync(what);
    }
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT', 'ESRCH', 'ENXIO', 'EIO', 'EACCES')) return undefined;
    throw error;
  }
}

function isTerminal(fd: number): boolean {
  const about = fstatSync(fd);
  const major = (about.rdev >>> 8) & 0xfff;
  return about.isCharacterDevice() && major >= terminals.first && major <= terminals.last;
}

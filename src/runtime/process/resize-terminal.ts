import { closeSync, constants, openSync } from 'node:fs';
import { setTerminalSize } from '../../wasi/libc/pseudo-terminal.ts';
import { hasErrorCode } from '../errors.ts';
import type { TerminalSize } from '../exec/exec-request.ts';

const { O_RDWR, O_NOCTTY, O_NONBLOCK } = constants;

/**
 * Sets the size of the terminal that is a process's standard input. Found by the process, it can
 * be nobody else's, whatever number it has.
 */
export function resizeTerminal(pid: number, size: TerminalSize): void {
  try {
    const fd = openSync(`/proc/${pid}/fd/0`, O_RDWR | O_NOCTTY | O_NONBLOCK);
    try {
      const result = setTerminalSize(fd, size);
      if (result < 0) throw new Error(`Cannot resize the terminal of ${pid}: errno ${-result}`);
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    // It has ended; or it is another user's, and its terminal stays as large as it is.
    if (!hasErrorCode(error, 'ENOENT', 'ENXIO', 'EIO', 'EACCES')) throw error;
  }
}

import { callResult } from './call-result.ts';
import { libc } from './library.ts';
import { duplicate } from './process.ts';

const internet = 2; // AF_INET
const streamCloseOnExec = 0o2000001; // SOCK_STREAM | SOCK_CLOEXEC
const closeOnExec = 0o2000000; // O_CLOEXEC

/**
 * Makes another descriptor of what is open, and has the old one lead nowhere, in one step: whoever still reads
 * or writes there, in any thread, takes nothing away and adds nothing. A descriptor, or a negated errno.
 */
export function seizeDescriptor(fd: number): number {
  const nowhere = callResult(libc.socket(internet, streamCloseOnExec, 0)); // it is not connected
  if (nowhere < 0) return nowhere;
  const other = duplicate(fd);
  if (other >= 0) libc.dup3(nowhere, fd, closeOnExec); // both are open, so it has no reason to fail
  libc.close(nowhere);
  return other;
}

import { requestIoUring } from '../../wasi/libc/io-uring.ts';
import { installFilter, setNoNewPrivileges } from '../../wasi/libc/seccomp.ts';
import { systemCallArchitecture } from '../../wasi/libc/syscall-numbers.ts';
import { must } from '../sandbox/sandbox-error.ts';
import { ioUringBan } from '../sandbox/seccomp-filter.ts';
import { containerEnvironment, containerProcessFlags } from './process-flags.ts';

/**
 * Makes sure that this process was started where io_uring does not exist: where it does, bans it
 * and executes `script` in place of this process, with the same standard descriptors.
 *
 * libuv makes its rings while it boots and no option prevents all of them. A forked child would
 * have the zygote's rings, and could queue work there that the zygote submits, outside the sandbox.
 */
export function ensureNoIoUring(script: string): void {
  const architecture = systemCallArchitecture();
  if (architecture === undefined || requestIoUring() === 'missing') return;
  must('set no_new_privs', setNoNewPrivileges());
  must('ban io_uring', installFilter(ioUringBan(architecture)));
  if (process.execve === undefined) throw new Error('Cannot execute: this platform has no execve');
  const command = [process.execPath, ...containerProcessFlags, script];
  process.execve(process.execPath, command, containerEnvironment);
}

import { requestIoUring } from '../../wasi/libc/io-uring.ts';
import { childrenGetAllMemory } from '../../wasi/libc/memory-of-children.ts';
import { installFilter, setNoNewPrivileges } from '../../wasi/libc/seccomp.ts';
import { systemCallArchitecture } from '../../wasi/libc/syscall-numbers.ts';
import { closeAllOnExec } from '../container/descriptors.ts';
import { must } from '../sandbox/sandbox-error.ts';
import { forkableFilter } from '../sandbox/seccomp-filter.ts';
import { containerEnvironment, containerProcessFlags } from './process-flags.ts';

/**
 * Makes sure that this process can be forked, V8 and all: where it was started without
 * {@link forkableFilter}, installs that and executes `script` in place of this process, with the
 * same standard descriptors.
 *
 * Both things that the filter keeps away happen while Node boots, and no option prevents them.
 * libuv makes rings of io_uring: a forked child would have the zygote's, and could queue work there
 * that the zygote submits, outside the sandbox. V8 keeps its heap from children, page by page.
 */
export function ensureForkable(script: string): void {
  const architecture = systemCallArchitecture();
  if (architecture === undefined) return;
  if (requestIoUring() === 'missing' && childrenGetAllMemory()) return;
  must('set no_new_privs', setNoNewPrivileges());
  must('filter system calls', installFilter(forkableFilter(architecture)));
  if (process.execve === undefined) throw new Error('Cannot execute: this platform has no execve');
  const command = [process.execPath, ...containerProcessFlags, script];
  closeAllOnExec();
  process.execve(process.execPath, command, containerEnvironment);
}

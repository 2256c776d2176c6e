import { exitNow } from '../../wasi/libc/process.ts';
import { setResourceLimit } from '../../wasi/libc/rlimits.ts';
import { installFilter, setNoNewPrivileges } from '../../wasi/libc/seccomp.ts';
import { systemCallArchitecture } from '../../wasi/libc/syscall-numbers.ts';
import { takeOomOrder } from '../container/oom-order.ts';
import { must } from './sandbox-error.ts';
import { computationFilter } from './seccomp-filter.ts';

const largestMemory = 4 * 1024 ** 3;

/**
 * Takes from this process, with all of its threads, everything but computing: it can read and write
 * what it has opened, and open nothing more. It may take 4 GiB of memory, and is the first to go where
 * the machine has none left. It ends without what Node does last, which asks for more.
 *
 * Unlike a container it needs no Landlock, which would leave out the threads that there are already:
 * there is no call left that could reach a file, a process or the network.
 *
 * @throws {SandboxError} after which the process must end
 */
export function confineComputation(): void {
  process.on('exit', exitNow);
  takeOomOrder(process.pid);
  must('limit memory', setResourceLimit('data', largestMemory));
  const architecture = systemCallArchitecture();
  if (architecture === undefined) return;
  must('set no_new_privs', setNoNewPrivileges());
  must('install the seccomp filter', installFilter(computationFilter(architecture)));
}

import { readdirSync } from 'node:fs';
import os from 'node:os';
import { exitNow } from '../../wasi/libc/process.ts';
import { setResourceLimit } from '../../wasi/libc/rlimits.ts';
import { installFilter, setNoNewPrivileges } from '../../wasi/libc/seccomp.ts';
import { systemCallArchitecture } from '../../wasi/libc/syscall-numbers.ts';
import { takeOomOrder } from '../container/oom-order.ts';
import { must } from './sandbox-error.ts';
import { computationFilter } from './seccomp-filter.ts';

const largestMemory = 4 * 1024 ** 3;
const largestFile = 2 * 1024 ** 3;
/** Of all threads together. The largest programs at hand, of 100 MB, take half a second. */
const longestSeconds = 60;
/** Half of the way to the lowest: others get nine parts in ten of a processor that both want. */
const niceness = 10;

/**
 * Takes from this process, with all of its threads, everything but computing: it can read and write
 * what it has opened, and open nothing more. It may take 4 GiB of memory, and is the first to go where
 * the machine has none left; a minute of processor time, after which SIGXCPU ends it, behind all others;
 * and write files of 2 GiB. It ends without what Node does last, which asks for more.
 *
 * Unlike a container it needs no Landlock, which would leave out the threads that there are already:
 * there is no call left that could reach a file, a process or the network.
 *
 * @throws {SandboxError} after which the process must end
 */
export function confineComputation(): void {
  process.on('exit', exitNow);
  takeOomOrder(process.pid);
  letOthersGoFirst();
  must('limit memory', setResourceLimit('data', largestMemory));
  must('limit files', setResourceLimit('fileBytes', largestFile));
  // At the hard limit the signal would be SIGKILL, which says nothing.
  must('limit time', setResourceLimit('cpuSeconds', longestSeconds, longestSeconds + 1));
  const architecture = systemCallArchitecture();
  if (architecture === undefined) return;
  must('set no_new_privs', setNoNewPrivileges());
  must('install the seccomp filter', installFilter(computationFilter(architecture)));
}

/** To Linux each thread has a priority of its own. */
function letOthersGoFirst(): void {
  for (const thread of readdirSync('/proc/self/task')) os.setPriority(Number(thread), niceness);
}

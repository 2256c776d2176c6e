import { type RlimitResource, setResourceLimit } from '../../wasi/libc/rlimits.ts';
import { must } from './sandbox-error.ts';
import type { ThreadPolicy } from './sandbox-policy.ts';

const maxOpenFiles = 4096;
/** Enough for libuv's pool; the limit counts every process of the user, so it cannot be exact. */
const maxThreads = 64;

/** Sets the limits of the process; memory and processor time are the cgroup's. */
export function setResourceLimits(threads: ThreadPolicy): void {
  const limits: Readonly<Record<RlimitResource, number>> = {
    core: 0,
    processes: threads === 'event-loop' ? maxThreads : 0,
    openFiles: maxOpenFiles,
    lockedMemory: 0,
    messageQueues: 0,
    realtimePriority: 0,
  };
  for (const resource of Object.keys(limits) as RlimitResource[]) {
    // the keys of the record above
    must(`limit '${resource}'`, setResourceLimit(resource, limits[resource]));
  }
}

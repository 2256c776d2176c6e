import { type RlimitResource, setResourceLimit } from '../../wasi/libc/rlimits.ts';
import { must } from './sandbox-error.ts';
import type { ThreadPolicy } from './sandbox-policy.ts';

const maxOpenFiles = 4096;
/** Enough for libuv's pool; the limit counts every process of the user, so it cannot be exact. */
const maxThreads = 64;

/** Sets the limits that all have; memory and processor time are the cgroup's. */
export function setResourceLimits(): void {
  setLimits({
    core: 0,
    openFiles: maxOpenFiles,
    lockedMemory: 0,
    messageQueues: 0,
    realtimePriority: 0,
  });
}

/**
 * Sets how many processes and threads there may be. A program that is executed makes as many
 * threads as it has processors to run them on, and seccomp keeps it from making processes.
 */
export function limitProcesses(threads: ThreadPolicy): void {
  if (threads !== 'program') setLimits({ processes: threads === 'event-loop' ? maxThreads : 0 });
}

function setLimits(limits: Readonly<Partial<Record<RlimitResource, number>>>): void {
  for (const [resource, limit] of Object.entries(limits)) {
    // the keys of the record
    must(`limit '${resource}'`, setResourceLimit(resource as RlimitResource, limit));
  }
}

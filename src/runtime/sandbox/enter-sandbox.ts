import { processId } from '../../wasi/libc/process.ts';
import { installFilter, setNoNewPrivileges } from '../../wasi/libc/seccomp.ts';
import { systemCallArchitecture } from '../../wasi/libc/syscall-numbers.ts';
import type { SandboxPart } from '../container-starter.ts';
import { enterLandlockDomain, type LandlockSupport, landlockSupport } from './landlock-domain.ts';
import { becomeUser, dropAllCapabilities, dropCapabilityBound } from './privileges.ts';
import { limitProcesses, setResourceLimits } from './resource-limits.ts';
import { must, SandboxError } from './sandbox-error.ts';
import type { SandboxPolicy, ThreadPolicy } from './sandbox-policy.ts';
import { ContainerFilter } from './seccomp-filter.ts';

/** What of a sandbox depends on the process, and not on what will run in it. */
export interface PreparedSandbox {
  readonly landlock: LandlockSupport;
  readonly filter: ContainerFilter | undefined;
  readonly threads: ThreadPolicy;
}

/**
 * The first half: gives up what no container needs and makes the filter, so that a process that
 * waits for its container has that behind it. Files can still be opened and users changed.
 *
 * @throws {SandboxError} after which the process must end
 */
export function prepareSandbox(threads: ThreadPolicy): PreparedSandbox {
  must('set no_new_privs', setNoNewPrivileges());
  dropCapabilityBound();
  setResourceLimits();
  return { landlock: landlockSupport(), filter: filterFor(threads), threads };
}

function filterFor(threads: ThreadPolicy, sockets = false): ContainerFilter | undefined {
  const architecture = systemCallArchitecture();
  return architecture && new ContainerFilter({ architecture, threads, sockets });
}

/**
 * The second half: shuts the calling process in, for good. It must have opened what it will need
 * beyond the policy's files. Landlock and capabilities belong to threads: other threads than this
 * one must have been made by a thread that was confined before.
 *
 * The order matters: rules on files can be made only while those can be opened, the user changed
 * only while that is a capability, and the filter refuses all of these calls.
 *
 * @returns the parts that the machine lacks; empty unless the policy is `best-effort`
 * @throws {SandboxError} after which the process must end: it may be half confined
 */
export function enterSandbox(policy: SandboxPolicy, prepared: PreparedSandbox): SandboxPart[] {
  const { landlock } = prepared;
  const { threads = prepared.threads, sockets = false } = policy;
  const isPrepared = threads === prepared.threads && (!sockets || threads === 'event-loop');
  const filter = isPrepared ? prepared.filter : filterFor(threads, sockets);
  const missing: SandboxPart[] = [...landlock.missing];
  if (filter === undefined) missing.push('seccomp');
  refuseMissing(policy, missing);
  enterLandlockDomain(policy, landlock);
  limitProcesses(threads);
  becomeUser(policy.user);
  dropAllCapabilities();
  if (filter !== undefined) install(filter.for(processId()));
  return missing;
}

function refuseMissing(policy: SandboxPolicy, missing: readonly SandboxPart[]): void {
  if (policy.mode === 'best-effort' || missing.length === 0) return;
  throw new SandboxError(
    `Cannot confine the container: this machine lacks ${missing.join(', ')} (to run without, use '--sandbox=best-effort')`,
    true,
  );
}

/** The call answers with a thread's id where that thread could not be brought along. */
function install(filter: Uint8Array): void {
  const step = 'install the seccomp filter';
  const thread = must(step, installFilter(filter));
  if (thread !== 0) throw new SandboxError(`Cannot ${step}: thread ${thread} refused`);
}

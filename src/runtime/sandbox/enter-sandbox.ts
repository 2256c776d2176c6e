import { processId } from '../../wasi/libc/process.ts';
import { installFilter, setNoNewPrivileges } from '../../wasi/libc/seccomp.ts';
import { systemCallArchitecture } from '../../wasi/libc/syscall-numbers.ts';
import type { SandboxPart } from '../container-starter.ts';
import { enterLandlockDomain, landlockSupport } from './landlock-domain.ts';
import { becomeUser, dropAllCapabilities, dropCapabilityBound } from './privileges.ts';
import { setResourceLimits } from './resource-limits.ts';
import { must, SandboxError } from './sandbox-error.ts';
import type { SandboxPolicy } from './sandbox-policy.ts';
import { containerFilter } from './seccomp-filter.ts';

/**
 * Shuts the calling process in, for good. It must have opened what it will need beyond the policy's
 * files. Landlock and capabilities belong to threads: other threads than this one must have been
 * made by a thread that was confined before.
 *
 * The order matters: the bounding set can be dropped only while the process is privileged, rules
 * on files can be made only while those can be opened, and the filter refuses all of these calls.
 *
 * @returns the parts that the machine lacks; empty unless the policy is `best-effort`
 * @throws {SandboxError} after which the process must end: it may be half confined
 */
export function enterSandbox(policy: SandboxPolicy): SandboxPart[] {
  const landlock = landlockSupport();
  const architecture = systemCallArchitecture();
  const missing: SandboxPart[] = [...landlock.missing];
  if (architecture === undefined) missing.push('seccomp');
  refuseMissing(policy, missing);

  must('set no_new_privs', setNoNewPrivileges());
  dropCapabilityBound();
  enterLandlockDomain(policy, landlock);
  setResourceLimits(policy.threads);
  becomeUser(policy.user);
  dropAllCapabilities();
  if (architecture !== undefined) {
    const filter = containerFilter({
      architecture,
      processId: processId(),
      threads: policy.threads,
    });
    mustBeZero('install the seccomp filter', installFilter(filter));
  }
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
function mustBeZero(step: string, result: number): void {
  if (must(step, result) !== 0) throw new SandboxError(`Cannot ${step}: thread ${result} refused`);
}

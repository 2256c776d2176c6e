import { closeSync } from 'node:fs';
import { createRuleset } from '../../wasi/libc/landlock.ts';
import { processId } from '../../wasi/libc/process.ts';
import { systemCallArchitecture } from '../../wasi/libc/syscall-numbers.ts';
import type { ContainerSpec } from '../container-spec.ts';
import { parseContainerSpec } from '../parse-container-spec.ts';
import { startTimeOf } from '../process/process-identity.ts';
import { landlockSupport } from '../sandbox/landlock-domain.ts';
import { containerFilter } from '../sandbox/seccomp-filter.ts';
import type { ContainerBodies } from './container-body.ts';
import { containerPolicy } from './container-policy.ts';

const rounds = 3;

/**
 * Called by a zygote before it forks: does all that a container process will do and that leaves no
 * trace. What is compiled and allocated now, the children share; what is not, each has for itself.
 */
export function warmContainer(bodies: ContainerBodies): void {
  for (let round = 0; round < rounds; round++) {
    for (const body of Object.values(bodies)) body.warm();
    const spec = parseContainerSpec(JSON.parse(JSON.stringify(sampleSpec)));
    containerPolicy(spec, { files: [], run: () => ({ kind: 'exited', exitCode: 0 }) });
    startTimeOf(processId());
    warmSandbox();
  }
}

function warmSandbox(): void {
  const architecture = systemCallArchitecture();
  if (architecture) containerFilter({ architecture, processId: processId(), threads: 'single' });
  const ruleset = createRuleset(landlockSupport().attributes);
  if (ruleset >= 0) closeSync(ruleset);
}

const sampleSpec: ContainerSpec = {
  id: 'warm-up',
  engine: 'v8',
  trustDomain: 'warm-up',
  start: 'fork',
  modulePath: '/dev/null',
  args: ['warm-up'],
  env: [{ name: 'HOME', value: '/' }],
  workingDir: '/',
  mounts: [{ hostPath: '/dev', guestPath: '/dev', readOnly: true }],
  listeners: [],
  stdin: 'closed',
  tty: false,
  user: { uid: 1, gid: 1, groups: [] },
  limits: {},
  log: { path: '/dev/null', maxBytes: 65_536, maxFiles: 2 },
  sandbox: 'required',
  labels: {},
};

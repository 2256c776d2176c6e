import { closeSync, openSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { duplicate, duplicateTo, processId } from '../../wasi/libc/process.ts';
import type { ContainerSpec } from '../container-spec.ts';
import type { SandboxPart } from '../container-starter.ts';
import type { PreparedSandbox } from '../sandbox/enter-sandbox.ts';
import { prepareLandlockRuleset } from '../sandbox/landlock-domain.ts';
import { becomeUser } from '../sandbox/privileges.ts';
import { must } from '../sandbox/sandbox-error.ts';
import type { SandboxPolicy } from '../sandbox/sandbox-policy.ts';
import { createContainerDirectory, createFifo } from '../state/container-directory.ts';
import { becomeContainer } from './become-container.ts';
import type { ContainerBodies, ContainerBody } from './container-body.ts';
import { ownLogDirectory } from './own-log-directory.ts';

/** After so many, what V8 caches of the path has settled; each round more costs time and memory. */
const rounds = 4;

const nobody = { pid: 0, startTime: '0' };

export interface RehearseComponents {
  readonly bodies: ContainerBodies;
  readonly sandbox: PreparedSandbox;
}

/**
 * Called by a fork server before it forks: lives the life of a container, but for the steps that
 * cannot be taken back. What is compiled, looked up and allocated now, the containers share; what
 * is not, each would have for itself.
 *
 * @param directory where it may make a directory for the time being
 */
export function rehearse({ bodies, sandbox }: RehearseComponents, directory: string): void {
  const stage = path.join(directory, `rehearsal-${processId()}`);
  using _ = keepStandardError();
  for (const body of Object.values(bodies)) {
    body.warm((module) => {
      for (let round = 0; round < rounds; round++) rehearseOnce({ body, module, sandbox, stage });
    });
  }
}

function keepStandardError(): Disposable {
  const kept = must('keep standard error', duplicate(2));
  return {
    [Symbol.dispose]() {
      must('restore standard error', duplicateTo(kept, 2));
      closeSync(kept);
    },
  };
}

interface Rehearsal {
  readonly body: ContainerBody;
  readonly module: Uint8Array;
  readonly sandbox: PreparedSandbox;
  readonly stage: string;
}

function rehearseOnce({ body, module, sandbox, stage }: Rehearsal): void {
  const directory = path.join(stage, 'container');
  const spec = sampleSpec(stage);
  try {
    const files = createContainerDirectory(directory);
    createFifo(files.alive);
    writeFileSync(files.spec, JSON.stringify(spec));
    writeFileSync(spec.modulePath, module);
    becomeContainer(
      {
        open(spec, directory) {
          ownLogDirectory(spec);
          return body.prepare().open(spec, directory);
        },
        enter: (policy) => rehearseSandbox(policy, sandbox),
        exit: () => {},
      },
      { directory, identity: nobody, report: openSync('/dev/null', 'w') },
    );
  } finally {
    rmSync(stage, { recursive: true, force: true });
  }
}

/** Makes the rules, and becomes who the process is already. */
function rehearseSandbox(policy: SandboxPolicy, sandbox: PreparedSandbox): SandboxPart[] {
  const ruleset = prepareLandlockRuleset(policy, sandbox.landlock);
  if (ruleset !== undefined) closeSync(ruleset);
  becomeUser(policy.user);
  sandbox.filter?.for(processId());
  return [];
}

const address = '127.0.0.1';

/** What the container of a pod is told, so that its names and shapes are known. */
function sampleSpec(stage: string): ContainerSpec {
  const [uid, gid] = [process.geteuid?.() ?? 0, process.getegid?.() ?? 0];
  return {
    id: 'rehearsal',
    engine: 'v8',
    trustDomain: 'rehearsal',
    start: 'fork',
    modulePath: path.join(stage, 'module.wasm'),
    args: ['rehearsal'],
    env: [{ name: 'HOME', value: '/' }],
    workingDir: '/',
    mounts: [
      { hostPath: stage, readOnly: true, guestPath: '/stage' },
      { hostPath: stage, readOnly: true, guestPath: '/etc' },
      { hostPath: path.join(stage, 'module.wasm'), readOnly: false, guestPath: '/dev/stage' },
    ],
    listeners: [],
    http: {
      listen: { address, port: 8080 },
      serving: { accessLog: false, shareState: false },
      egress: [],
    },
    network: {
      addresses: [address],
      guarded: [{ cidrs: [address], ports: [10250] }],
      dns: { servers: [address], searches: ['svc.cluster.local'], ndots: 5 },
      hosts: [
        { address, names: ['rehearsal'] },
        { address: '::1', names: ['localhost', 'ip6-localhost', 'ip6-loopback'] },
      ],
    },
    stdin: 'closed',
    tty: false,
    user: { uid, gid, groups: process.getgroups?.() ?? [] },
    limits: {},
    log: { path: path.join(stage, '0.log'), maxBytes: 65_536, maxFiles: 2 },
    sandbox: 'required',
    labels: Object.fromEntries(labelNames.map((name) => [name, 'rehearsal'])),
  };
}

/** As containers of pods have them: names that a container has not met take pages of its own. */
const labelNames = [
  'io.krustlet.keeper',
  'io.kubernetes.pod.name',
  'io.kubernetes.pod.namespace',
  'io.kubernetes.pod.uid',
  'io.kubernetes.container.name',
  'io.kubernetes.container.restartCount',
  'io.krustlet.image',
  'io.krustlet.config',
];

import { closeSync, constants, openSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { duplicate, duplicateTo, processId } from '../../wasi/libc/process.ts';
import type { ContainerSpec } from '../container-spec.ts';
import type { PreparedSandbox } from '../sandbox/enter-sandbox.ts';
import { prepareLandlockRuleset } from '../sandbox/landlock-domain.ts';
import { becomeUser } from '../sandbox/privileges.ts';
import { must } from '../sandbox/sandbox-error.ts';
import { createContainerDirectory, createFifo } from '../state/container-directory.ts';
import { claimContainer } from './announce-container.ts';
import type { ContainerBodies, ContainerBody, OpenedBody } from './container-body.ts';
import { containerPolicy } from './container-policy.ts';
import { exitNoteOf, openExitNote, writeExitNote } from './exit-note.ts';
import { joinCgroups } from './join-cgroups.ts';
import { sendStartReport } from './start-report.ts';

/** After so many, V8 has compiled the calls into and out of guests as well as it will. */
const rounds = 24;

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
  try {
    build(stage, directory, module);
    const { spec, identity } = claimContainer(directory);
    joinCgroups([stage]);
    const alive = openSync(path.join(directory, 'alive'), constants.O_RDWR);
    const note = openExitNote(directory);
    const opened = body.open(spec, directory);
    rehearseSandbox(spec, opened, sandbox);
    sendStartReport(openSync('/dev/null', 'w'), { kind: 'started', ...identity, missing: [] });
    const end = opened.run();
    if (!(end instanceof Promise)) writeExitNote(note, exitNoteOf(end));
    closeSync(alive);
  } finally {
    rmSync(stage, { recursive: true, force: true });
  }
}

/** What a runtime would have made before; and something to write to that is no cgroup. */
function build(stage: string, directory: string, module: Uint8Array): void {
  const files = createContainerDirectory(directory);
  const spec = sampleSpec(stage);
  createFifo(files.alive);
  writeFileSync(files.spec, JSON.stringify(spec));
  writeFileSync(spec.modulePath, module);
  writeFileSync(path.join(stage, 'cgroup.procs'), '');
}

/** Makes the rules, and becomes who the process is already. */
function rehearseSandbox(spec: ContainerSpec, opened: OpenedBody, sandbox: PreparedSandbox): void {
  const ruleset = prepareLandlockRuleset(containerPolicy(spec, opened), sandbox.landlock);
  if (ruleset !== undefined) closeSync(ruleset);
  becomeUser(spec.user);
  sandbox.filter?.for(processId());
}

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
    mounts: [{ hostPath: stage, guestPath: '/stage', readOnly: true }],
    listeners: [],
    stdin: 'closed',
    tty: false,
    user: { uid, gid, groups: process.getgroups?.() ?? [] },
    limits: {},
    log: { path: path.join(stage, '0.log'), maxBytes: 65_536, maxFiles: 2 },
    sandbox: 'required',
    labels: {},
  };
}

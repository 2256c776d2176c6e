import { closeSync, readSync, writeSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { getSystemErrorName } from 'node:util';
import { exitNow, type ProcessEnd, sendSignal } from '../../wasi/libc/process.ts';
import { closeAllDescriptorsBut } from '../container/descriptors.ts';
import { findSignalLock, ownEventLoop } from '../container/own-event-loop.ts';
import { sealProcess } from '../container/seal-process.ts';
import { enterSandbox, prepareSandbox } from '../sandbox/enter-sandbox.ts';
import type { SandboxPolicy } from '../sandbox/sandbox-policy.ts';
import { fork, forkSibling } from './fork.ts';
import type { Reaper } from './reaper.ts';
import { eventLoopProbe, selfTestProbes } from './self-test-probes.ts';
import { zygotePipe } from './zygote-pipe.ts';

const rounds = 4;
const timeout = 10_000;
const sigKill = 9;
/** Exit codes of the probes, one each: a code that comes out of nowhere is no success. */
const firstExitCode = 40;
const eventLoopExitCode = 60;
const failedExitCode = 1;

export interface SelfTestComponents {
  readonly reaper: Reaper;
  readonly libuvs: readonly number[];
}

/**
 * Tries whether processes forked from this one work: each probe four times, in a sandbox, all of
 * one kind at once. Forking V8 is nothing that Node promises, so each version is asked. Resolves in
 * this process alone.
 *
 * @returns what went wrong; `undefined` where nothing did
 */
export async function selfTest(components: SelfTestComponents): Promise<string | undefined> {
  for (const [index, name] of Object.keys(selfTestProbes).entries()) {
    const expected = firstExitCode + index;
    const ends = Array.from({ length: rounds }, () => runProbe(components, name, expected));
    const wrong = (await Promise.all(ends)).find((end) => !isExit(end, expected));
    if (wrong !== undefined) return `probe '${name}' ended with ${describe(wrong)}`;
  }
  const end = await runEventLoopProbe(components);
  if (!isExit(end, eventLoopExitCode)) {
    return `the probe of the event loop ended with ${describe(end)}`;
  }
  return await probeSibling(components);
}

/** As a fork server does: a child forks another child of this process. */
async function probeSibling({ reaper }: SelfTestComponents): Promise<string | undefined> {
  const sibling = await forkChildOfOurs(reaper);
  if (sibling === undefined) return "probe 'sibling' died of forking";
  if (sibling < 0) return `probe 'sibling' could not fork: ${getSystemErrorName(sibling)}`;
  const end = await endInTime(sibling, reaper);
  return isExit(end, firstExitCode) ? undefined : `probe 'sibling' ended with ${describe(end)}`;
}

/** The pid that the child tells, or its negated errno; `undefined` where it told none. */
async function forkChildOfOurs(reaper: Reaper): Promise<number | undefined> {
  const answers = zygotePipe();
  const message = new Int32Array(1);
  const pid = fork(() => {
    message[0] = forkSibling(() => exitNow(firstExitCode));
    writeSync(answers.write, message);
    exitNow(0);
  });
  closeSync(answers.write);
  try {
    await endInTime(pid, reaper);
    return readSync(answers.read, message) === 0 ? undefined : message[0];
  } finally {
    closeSync(answers.read);
  }
}

async function runProbe(
  { reaper, libuvs }: SelfTestComponents,
  name: string,
  exitCode: number,
): Promise<ProcessEnd> {
  const pid = fork(() => {
    sealProcess();
    closeAllDescriptorsBut([], libuvs);
    enterSandbox(probePolicy(), prepareSandbox('single'));
    exitNow(selfTestProbes[name]?.() ? exitCode : failedExitCode);
  });
  return await endInTime(pid, reaper);
}

async function runEventLoopProbe({ reaper, libuvs }: SelfTestComponents): Promise<ProcessEnd> {
  await setImmediate(); // libuv is then in the middle of nothing that the child would go on with
  const pid = fork(() => {
    sealProcess();
    const lock = findSignalLock();
    if (lock === undefined) exitNow(failedExitCode);
    closeAllDescriptorsBut([lock.read, lock.write], libuvs);
    ownEventLoop(lock);
    enterSandbox(probePolicy(), prepareSandbox('event-loop'));
    void eventLoopProbe().then((works) => exitNow(works ? eventLoopExitCode : failedExitCode));
  });
  return pid === 0 ? await new Promise(() => {}) : await endInTime(pid, reaper);
}

/** The end of a child, which is killed when it is late. The timer keeps the event loop waiting for it. */
async function endInTime(pid: number, reaper: Reaper): Promise<ProcessEnd> {
  const late = setInterval(() => sendSignal(pid, sigKill), timeout);
  try {
    return await reaper.endOf(pid);
  } finally {
    clearInterval(late);
  }
}

/** No files, nobody else: the probes need nothing, and whether parts are missing is not the question. */
function probePolicy(): SandboxPolicy {
  const [uid, gid] = [process.geteuid?.() ?? 0, process.getegid?.() ?? 0];
  return { mode: 'best-effort', user: { uid, gid, groups: [] }, files: [] };
}

function isExit(end: ProcessEnd, code: number): boolean {
  return end.kind === 'exited' && end.code === code;
}

function describe(end: ProcessEnd): string {
  return end.kind === 'exited' ? `exit code ${end.code}` : `signal ${end.signal}`;
}

import { setImmediate } from 'node:timers/promises';
import { plugHeap } from '../../wasi/libc/heap.ts';
import { openFlag } from '../../wasi/libc/open-flags.ts';
import { closeFile, openFile } from '../../wasi/libc/plain-file.ts';
import { exitNow } from '../../wasi/libc/process.ts';
import { isReadable } from '../../wasi/libc/wait-for-input.ts';
import {
  type ContainerBodies,
  type PreparedBodies,
  prepareBodies,
} from '../container/container-body.ts';
import { closeAllDescriptorsBut } from '../container/descriptors.ts';
import { findSignalLock, ownEventLoop } from '../container/own-event-loop.ts';
import { rehearse } from '../container/rehearse.ts';
import { type ForkedProcessComponents, runForked } from '../container/run-forked.ts';
import { sealProcess } from '../container/seal-process.ts';
import { prepareSandbox } from '../sandbox/enter-sandbox.ts';
import { must } from '../sandbox/sandbox-error.ts';
import { collectGarbage, collectSeldom, compactHeap } from './collect-garbage.ts';
import { forkSibling } from './fork.ts';
import { isWarm, readForkRequest, sendForkAnswer } from './fork-request.ts';
import { optimizeEarly, optimizeSooner } from './optimize-early.ts';

export interface ServeForksInit {
  readonly bodies: ContainerBodies;
  /** The zygotes' directory. */
  readonly directory: string;
  /** What `ps` shows. */
  readonly title: string;
  /** See `libuvDescriptors`. */
  readonly libuvs: readonly number[];
  /** Read end of the pipe with requests. */
  readonly requests: number;
  /** Write end of the pipe for answers. */
  readonly answers: number;
  /** The zygote's pid. */
  readonly zygote: number;
}

/**
 * Is a fork server in a child that a zygote has just forked, until the zygote ends: does once what
 * all containers have to do, and then as little as possible. Returns where the process goes on with
 * the event loop.
 */
export function serveForks(init: ServeForksInit): void {
  const { bodies, directory, requests, answers } = init;
  sealProcess();
  const lock = findSignalLock();
  const locks = lock ? [lock.read, lock.write] : [];
  const closeOthers = () => closeAllDescriptorsBut([requests, answers], [...init.libuvs, ...locks]);
  closeOthers();
  const sandbox = prepareSandbox('single');
  const prepared = settle(() => rehearse({ bodies, sandbox }, directory), bodies);
  closeOthers(); // what the rehearsals have opened
  process.title = init.title;
  answerRequests({ ...init, components: { bodies: prepared, sandbox } }, (server) => {
    if (lock === undefined) throw new Error("Cannot serve event loops: libuv's lock is not found");
    const components = {
      bodies: prepared,
      sandbox: prepareSandbox('event-loop'),
      signalLock: lock,
    };
    void serveEventLoopForks({ ...server, components }, bodies);
  });
}

/**
 * Brings about what containers share, and cleans up: what is free is not copied into every child
 * that writes beside it. Collecting garbage empties caches of V8's, which are filled again at last.
 */
function settle(rehearseAll: () => void, bodies: ContainerBodies): PreparedBodies {
  rehearseAll();
  compactHeap();
  const prepared = prepareBodies(bodies);
  plugHeap();
  rehearseAll();
  return prepared;
}

/** Nobody asks for containers when there has been no request for so long. */
const idleMilliseconds = 50;

interface ForkServerProcess extends Pick<ServeForksInit, 'requests' | 'answers' | 'zygote'> {
  readonly title: string;
  readonly components: ForkedProcessComponents;
}

/** As {@link serveForks}, in a child of that, for containers that go on with the event loop. */
async function serveEventLoopForks(
  server: ForkServerProcess,
  bodies: ContainerBodies,
): Promise<void> {
  const { signalLock } = server.components;
  process.title = `${server.title}: event loops`;
  if (signalLock) ownEventLoop(signalLock);
  const refuse = () => {
    throw new Error('Cannot fork a fork server: not asked of this one');
  };
  optimizeEarly();
  collectSeldom();
  const parts = warmUp(bodies);
  await parts.next();
  compactHeap();
  plugHeap();
  do {
    await setImmediate(); // libuv is then in the middle of nothing that a container would go on with
    while (isReadable(server.requests, idleMilliseconds)) {
      if (answerRequest(server, refuse) === 'child') return;
    }
  } while (await goOn(parts));
  sendForkAnswer(server.answers, isWarm);
  await setImmediate();
  answerRequests(server, refuse);
}

/**
 * Yields after each rehearsal. There are two rounds: collecting garbage in between, which containers would have to do,
 * makes V8 forget some of what it has noted. Nothing is moved together any more, as there may be containers that
 * share these pages.
 */
async function* warmUp(bodies: ContainerBodies): AsyncGenerator<void> {
  try {
    const rehearsals = Object.values(bodies).flatMap((body) => body.rehearsals?.() ?? []);
    yield* each(rehearsals);
    collectGarbage();
    yield* each(rehearsals);
  } catch (error) {
    console.error('Containers start all the same, but are slower at first:', error);
  }
}

async function* each(rehearsals: readonly (() => Promise<void>)[]): AsyncGenerator<void> {
  for (const rehearse of rehearsals) {
    await rehearse();
    yield;
  }
}

async function goOn(parts: AsyncGenerator<void>): Promise<boolean> {
  optimizeSooner();
  const { done = false } = await parts.next();
  optimizeEarly();
  return !done;
}

/** Returns only in the processes that are forked. */
function answerRequests(
  server: ForkServerProcess,
  beServer: (server: ForkServerProcess) => void,
): void {
  while (answerRequest(server, beServer) === 'server');
}

/** Waits for a request. @returns in which process */
function answerRequest(
  server: ForkServerProcess,
  beServer: (server: ForkServerProcess) => void,
): 'server' | 'child' {
  const { components, zygote, requests, answers } = server;
  const request = readForkRequest(requests);
  if (request === undefined) exitNow(0);
  const read = openOf(zygote, request.read, openFlag.readOnly);
  const write = openOf(zygote, request.write, openFlag.writeOnly);
  const pid = forkSibling(() => {
    closeFile(requests);
    closeFile(answers);
    if (request.kind === 'container') runForked(components, { orders: read, report: write });
    else beServer({ ...server, requests: read, answers: write });
  });
  if (pid === 0) return 'child';
  closeFile(read);
  closeFile(write);
  sendForkAnswer(answers, pid);
  return 'server';
}

/** A descriptor of another process. */
function openOf(pid: number, fd: number, flags: number): number {
  return must('take a descriptor', openFile(`/proc/${pid}/fd/${fd}`, flags));
}

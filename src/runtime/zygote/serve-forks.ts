import { closeSync, constants, openSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { exitNow } from '../../wasi/libc/process.ts';
import type { ContainerBodies } from '../container/container-body.ts';
import { closeAllDescriptorsBut } from '../container/descriptors.ts';
import { findSignalLock, ownEventLoop } from '../container/own-event-loop.ts';
import { rehearse } from '../container/rehearse.ts';
import { type ForkedProcessComponents, runForked } from '../container/run-forked.ts';
import { sealProcess } from '../container/seal-process.ts';
import { prepareSandbox } from '../sandbox/enter-sandbox.ts';
import type { Fork } from './fork.ts';
import { readForkRequest, sendForkAnswer } from './fork-request.ts';
import { settle } from './settle.ts';

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
export function serveForks(fork: Fork, init: ServeForksInit): void {
  const { bodies, directory, requests, answers } = init;
  process.title = init.title;
  sealProcess();
  const lock = findSignalLock();
  const locks = lock ? [lock.read, lock.write] : [];
  closeAllDescriptorsBut([requests, answers, ...locks], init.libuvs);
  const sandbox = prepareSandbox('single');
  rehearse({ bodies, sandbox }, directory);
  settle();
  answerRequests({ ...init, fork, components: { bodies, sandbox } }, (server) => {
    if (lock === undefined) throw new Error("Cannot serve event loops: libuv's lock is not found");
    const components = { bodies, sandbox: prepareSandbox('event-loop'), signalLock: lock };
    void serveEventLoopForks({ ...server, components });
  });
}

interface ForkServerProcess extends Pick<ServeForksInit, 'requests' | 'answers' | 'zygote'> {
  readonly fork: Fork;
  readonly title: string;
  readonly components: ForkedProcessComponents;
}

/** As {@link serveForks}, in a child of that, for containers that go on with the event loop. */
async function serveEventLoopForks(server: ForkServerProcess): Promise<void> {
  const { bodies, signalLock } = server.components;
  process.title = `${server.title}: event loops`;
  if (signalLock) ownEventLoop(signalLock);
  for (const body of Object.values(bodies)) await body.warmEventLoop?.();
  settle();
  await setImmediate(); // libuv is then in the middle of nothing that a container would go on with
  answerRequests(server, () => {
    throw new Error('Cannot fork a fork server: not asked of this one');
  });
}

/** Returns only in the processes that are forked. */
function answerRequests(
  server: ForkServerProcess,
  beServer: (server: ForkServerProcess) => void,
): void {
  const { fork, components, zygote, requests, answers } = server;
  for (;;) {
    const request = readForkRequest(requests);
    if (request === undefined) exitNow(0);
    const read = openSync(`/proc/${zygote}/fd/${request.read}`, constants.O_RDONLY);
    const write = openSync(`/proc/${zygote}/fd/${request.write}`, constants.O_WRONLY);
    const pid = fork.runSibling(() => {
      closeSync(requests);
      closeSync(answers);
      if (request.kind === 'container') runForked(components, { orders: read, report: write });
      else beServer({ ...server, requests: read, answers: write });
    });
    if (pid === 0) return;
    closeSync(read);
    closeSync(write);
    sendForkAnswer(answers, pid);
  }
}

import { closeSync, constants, openSync, readSync, writeSync } from 'node:fs';
import { exitNow } from '../../wasi/libc/process.ts';
import type { ContainerBodies } from '../container/container-body.ts';
import { closeAllDescriptorsBut } from '../container/descriptors.ts';
import { rehearse } from '../container/rehearse.ts';
import { type ForkedProcessComponents, runForked } from '../container/run-forked.ts';
import { sealProcess } from '../container/seal-process.ts';
import { prepareSandbox } from '../sandbox/enter-sandbox.ts';
import type { Fork } from './fork.ts';
import { settle } from './settle.ts';

export interface ServeForksInit {
  readonly bodies: ContainerBodies;
  /** The zygotes' directory. */
  readonly directory: string;
  /** What `ps` shows. */
  readonly title: string;
  /** See `wakeupDescriptors`. */
  readonly wakeups: readonly number[];
  /** Read end of a pipe: two numbers of descriptors of the zygote's a request. */
  readonly requests: number;
  /** Write end of a pipe: a pid, or a negated errno, an answer. */
  readonly replies: number;
  /** The zygote's pid. */
  readonly zygote: number;
}

/**
 * Is a fork server in a child that a zygote has just forked, until the zygote ends: does once what
 * all containers have to do, and then as little as possible.
 */
export function serveForks(fork: Fork, init: ServeForksInit): never {
  const { bodies, directory, requests, replies, wakeups } = init;
  process.title = init.title;
  sealProcess();
  closeAllDescriptorsBut([requests, replies], wakeups);
  const sandbox = prepareSandbox('single');
  rehearse({ bodies, sandbox }, directory);
  settle();
  answerRequests(fork, { bodies, sandbox }, init);
  exitNow(0);
}

function answerRequests(
  fork: Fork,
  components: ForkedProcessComponents,
  { requests, replies, zygote }: ServeForksInit,
): void {
  const message = new Int32Array(2);
  while (readSync(requests, message, 0, message.byteLength, null) > 0) {
    const orders = openSync(`/proc/${zygote}/fd/${message[0]}`, constants.O_RDONLY);
    const report = openSync(`/proc/${zygote}/fd/${message[1]}`, constants.O_WRONLY);
    message[0] = fork.runSibling(() => {
      closeSync(requests);
      closeSync(replies);
      runForked(components, { orders, report });
    });
    closeSync(orders);
    closeSync(report);
    writeSync(replies, message, 0, 4);
  }
}

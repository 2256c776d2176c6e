import { setFlagsFromString } from 'node:v8';
import { MessageChannel, Worker } from 'node:worker_threads';
import { forgetServer } from '../../../../wasi/component/http/request-turns.ts';
import type { Compiled } from '../../../../wasi/component/link/program.ts';
import { watchFor } from '../../../../wasi/component/threads/port-watcher.ts';
import {
  ThreadClient,
  type ThreadClientInit,
} from '../../../../wasi/component/threads/thread-client.ts';
import {
  highestThread,
  type ServerMemory,
  type ThreadMemory,
  threadMemory,
} from '../../../../wasi/component/threads/thread-memory.ts';
import type { Watcher } from '../../../../wasi/system/watcher.ts';
import type { ContainerStdio, ThreadOutputs } from '../../../container/container-stdio.ts';
import type { ContainerSpec } from '../../../container-spec.ts';
import { complain } from '../../explain-end.ts';
import { DescriptorSink } from '../descriptor-sink.ts';
import type { ThreadDescriptors, ThreadInit } from './thread-init.ts';
import { threadLoader } from './thread-loader.ts';
import type { ThreadSources } from './thread-sources.ts';

export interface StartGuestThreadComponents {
  readonly component: Compiled;
  readonly stdio: ContainerStdio;
  readonly opened: ThreadDescriptors;
  readonly sources: ThreadSources;
  readonly memory: ServerMemory;
  /** Of the thread that starts them. */
  readonly watcher: Watcher;
}

/** V8's, which are those of the process from then on. */
const threadFlags = [
  // Most functions of a thread are never called; what is compiled before a fork is another matter.
  '--lazy',
  // What all requests call is compiled while the thread has but one connection, see `GuestThreads`.
  '--invocation-count-for-maglev=50',
  '--invocation-count-for-turbofan=250',
  // In megabytes. Else all of the heap is looked through while it grows to what it will be.
  '--initial-old-space-size=64',
  // Else the pages of a thread that has ended are kept for a collector in the background, which is not there.
  '--no-memory-pool-share-memory-on-teardown',
];

/** Starts threads that serve a container's connections, in its process and its sandbox. */
export class GuestThreadStarter {
  readonly #spec: ContainerSpec;
  readonly #components: StartGuestThreadComponents;
  /** Numbers of the threads that there are. */
  readonly #numbers = new Set<number>();

  constructor(spec: ContainerSpec, components: StartGuestThreadComponents) {
    this.#spec = spec;
    this.#components = components;
  }

  /** @throws where there can be no more of them */
  start(init: Omit<ThreadClientInit, 'say'>): ThreadClient {
    const { stdio } = this.#components;
    const number = this.#freeNumber();
    const outputs = stdio.ofThread?.(number) ?? sharedOutputs(stdio);
    const memory = threadMemory(this.#components.memory, number);
    const worker = this.#newWorker(memory, outputs);
    this.#numbers.add(number);
    return new ThreadClient(
      { worker, memory, ...outputs },
      {
        ...init,
        say: (lines) => complain(stdio, lines),
        onEnd: () => {
          this.#numbers.delete(number);
          forgetServer(memory.share);
          outputs.end();
          init.onEnd();
        },
      },
    );
  }

  #newWorker(memory: ThreadMemory, { stdout, stderr }: ThreadOutputs): Worker {
    const { component, opened, sources, watcher } = this.#components;
    const { port1: ours, port2: watching } = new MessageChannel();
    watchFor(ours, watcher);
    const terminals = { stdout: isTerminal(stdout), stderr: isTerminal(stderr) };
    const workerData: ThreadInit = {
      spec: this.#spec,
      component,
      opened,
      memory,
      watching,
      terminals,
      sources,
    };
    for (const flag of threadFlags) setFlagsFromString(flag);
    return new Worker(threadLoader, {
      eval: true,
      workerData,
      transferList: [watching],
      env: {},
      argv: [],
      name: 'guests',
    });
  }

  #freeNumber(): number {
    let number = 1;
    while (this.#numbers.has(number)) number += 1;
    if (number > highestThread)
      throw new Error(`Cannot start a thread: ${number - 1} have not ended`);
    return number;
  }
}

function isTerminal(sink: { readonly terminal?: boolean }): boolean {
  return sink.terminal ?? false;
}

/** The caller's pipes or terminal: what is written there comes in the order in which it is. */
function sharedOutputs({ stdout, stderr }: ContainerStdio): ThreadOutputs {
  return {
    stdout: typeof stdout === 'number' ? new DescriptorSink(stdout) : stdout,
    stderr: typeof stderr === 'number' ? new DescriptorSink(stderr) : stderr,
    end: () => {},
  };
}

import type { EventLoopUtilization } from 'node:perf_hooks';
import type { Worker } from 'node:worker_threads';
import type { OutputSink } from '../io/output-sink.ts';
import { isOnItsWay, noteOnItsWay } from './request-marks.ts';
import type { ThreadMemory } from './thread-memory.ts';
import type { FromThread, ToThread } from './thread-messages.ts';
import { answerOutput } from './thread-output.ts';

export interface ThreadClientComponents {
  /** Runs a `GuestThread`. */
  readonly worker: Worker;
  readonly memory: ThreadMemory;
  readonly stdout: OutputSink;
  readonly stderr: OutputSink;
}

export interface ThreadClientInit {
  /** Told what there is to say of requests. */
  readonly say: (lines: readonly string[]) => void;
  /** Called once, when it can take connections. */
  readonly onReady: () => void;
  /** Called with each connection that it gives back. */
  readonly onConnection: (fd: number) => void;
  /** Called once, when the thread has ended, for whatever reason. */
  readonly onEnd: () => void;
}

/** A thread that serves connections, seen from the one that accepts them. */
export class ThreadClient {
  readonly #components: ThreadClientComponents;
  readonly #init: ThreadClientInit;
  /** Descriptors, by ids. */
  readonly #connections = new Map<number, number>();
  readonly #drained = Promise.withResolvers<void>();
  #measured: EventLoopUtilization | undefined;
  #lastId = 0;
  #isReady = false;
  #isEnding = false;

  constructor(components: ThreadClientComponents, init: ThreadClientInit) {
    this.#components = components;
    this.#init = init;
    const { worker } = components;
    worker.on('message', (message: FromThread) => this.#take(message));
    worker.on('error', (failure) => init.say([`A thread has failed: ${failure}`]));
    worker.on('exit', () => this.#end());
    worker.unref(); // the connections that it has keep the process no more than it does
  }

  /** Whether it has begun to take connections; it must be given none before. */
  get isReady(): boolean {
    return this.#isReady;
  }

  /** How many connections it has. */
  get connections(): number {
    return this.#connections.size;
  }

  /** Descriptors of the connections that it has, and may not have closed. */
  get descriptors(): readonly number[] {
    const { owners, share } = this.memory;
    const known = new Set(this.#connections.values()); // one may have been closed and used again
    return [...known].filter((fd) => owners[fd] === share.server);
  }

  get memory(): ThreadMemory {
    return this.#components.memory;
  }

  /** Has it serve a connection, whose descriptor is its own from now on. */
  serve(fd: number): void {
    const { owners, begun, share } = this.memory;
    const id = ++this.#lastId;
    this.#connections.set(id, fd);
    owners[fd] = share.server;
    noteOnItsWay(begun, fd);
    this.#tell({ kind: 'connection', id, fd });
  }

  /** Has it give back so many connections, each when it is idle. */
  give(most: number): void {
    this.#tell({ kind: 'give', most });
  }

  /** Resolves when it has finished the requests that are here, and closed its connections. */
  drain(): Promise<void> {
    this.#components.worker.ref(); // until that is done
    this.#tell({ kind: 'drain' });
    return this.#drained.promise;
  }

  /** Has it give back all connections, and end. */
  end(): void {
    this.#isEnding = true;
    this.give(Infinity);
    this.#endIfLeft();
  }

  /** Ends it in the middle of what it does. */
  async terminate(): Promise<void> {
    await this.#components.worker.terminate();
  }

  /** The share of the time since the last call that the thread was busy, from 0 to 1. */
  utilization(): number {
    const { performance } = this.#components.worker;
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, this.#measured);
    this.#measured = now;
    return utilization;
  }

  readonly #tell = (message: ToThread): void => this.#components.worker.postMessage(message);

  #end(): void {
    this.#drained.resolve();
    this.#init.onEnd();
    for (const fd of this.descriptors) {
      if (isOnItsWay(this.memory.begun, fd)) this.#init.onConnection(fd);
    }
  }

  #endIfLeft(): void {
    if (this.#isEnding && this.#connections.size === 0) void this.terminate();
  }

  #take(message: FromThread): void {
    switch (message.kind) {
      case 'ready':
        this.#isReady = true;
        this.#init.onReady();
        return;
      case 'connection':
        this.#init.onConnection(message.fd);
        return;
      case 'closed':
        this.#connections.delete(message.id);
        this.#endIfLeft();
        return;
      case 'drained':
        this.#drained.resolve();
        return;
      case 'say':
        this.#init.say(message.lines);
        return;
      case 'output': {
        const sink = this.#components[message.stream];
        answerOutput(this.#components.memory.output, sink, message.bytes);
        return;
      }
      default:
        message satisfies never;
    }
  }
}

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
  /** Called when it can take its first connection, and each time that it has none until it is warm. */
  readonly onReady: () => void;
  /** Called once, when it serves as fast as it ever will. */
  readonly onWarm: () => void;
  /** Called with each connection that it gives back. */
  readonly onConnection: (fd: number) => void;
  /** Called once, when the thread has ended, for whatever reason. */
  readonly onEnd: () => void;
}

/** Milliseconds of the processor's that a thread takes to load its code and have V8 compile what it does. */
const warmingWork = 1300;
/** A thread that has less to do is taken for warm after so many milliseconds. */
const longestWarming = 5_000;
/**
 * How long it keeps a connection until then, in milliseconds. After several, V8 takes their properties for what they
 * are, and not for constants: it would compile most once more when there are others.
 */
const warmingInterval = 50;

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
  #isWarm = false;
  #warming: NodeJS.Timeout | undefined;
  /** Milliseconds that it has had of a processor, as far as is known. */
  #work = 0;
  #isMeasuring = false;
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

  /** Whether it serves as fast as it ever will. */
  get isWarm(): boolean {
    return this.#isWarm;
  }

  /** Whether it takes one more connection; one that is not warm takes but one at a time. */
  get takesConnections(): boolean {
    return this.#isReady && (this.#isWarm || this.#connections.size === 0);
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
    this.#stopWarming();
    this.#components.worker.ref(); // until that is done
    this.#tell({ kind: 'drain' });
    return this.#drained.promise;
  }

  /** Has it give back all connections, and end. */
  end(): void {
    this.#isEnding = true;
    this.#stopWarming();
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

  readonly #warmUp = (since: number): void => {
    if (this.#work < warmingWork && performance.now() - since < longestWarming) {
      void this.#measureWork();
      this.give(1);
      return;
    }
    this.#stopWarming();
    this.#isWarm = true;
    this.#init.onWarm();
  };

  /** A thread that rests answers when it goes on. */
  async #measureWork(): Promise<void> {
    if (this.#isMeasuring) return;
    this.#isMeasuring = true;
    try {
      const { user, system } = await this.#components.worker.cpuUsage();
      this.#work = (user + system) / 1000;
    } catch {
      // It has ended.
    }
    this.#isMeasuring = false;
  }

  #stopWarming(): void {
    clearInterval(this.#warming);
    this.#warming = undefined;
  }

  #end(): void {
    this.#stopWarming();
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
        this.#warming = setInterval(this.#warmUp, warmingInterval, performance.now()).unref();
        this.#init.onReady();
        return;
      case 'connection':
        this.#init.onConnection(message.fd);
        return;
      case 'closed':
        this.#connections.delete(message.id);
        this.#endIfLeft();
        if (this.#warming !== undefined && this.#connections.size === 0) this.#init.onReady();
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

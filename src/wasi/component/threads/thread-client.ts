import type { EventLoopUtilization } from 'node:perf_hooks';
import type { Worker } from 'node:worker_threads';
import { requestHead } from '../http/request-head.ts';
import type { Exchange } from '../http/running-exchanges.ts';
import type { OutputSink } from '../io/output-sink.ts';
import { ThreadExchange } from './thread-exchange.ts';
import type { FromThread, ToThread } from './thread-messages.ts';
import { answerOutput } from './thread-output.ts';

export interface ThreadClientComponents {
  /** Runs a `GuestThread`. */
  readonly worker: Worker;
  /** Shared with the `ThreadOutput`s of the thread. */
  readonly outputMemory: Int32Array;
  readonly stdout: OutputSink;
  readonly stderr: OutputSink;
}

export interface ThreadClientInit {
  /** Told what there is to say of requests that failed. */
  readonly onFailure: (lines: readonly string[]) => void;
  /** Called once, when the thread has ended, for whatever reason. */
  readonly onEnd: () => void;
}

/** A thread that answers requests, seen from the one that has the connections. */
export class ThreadClient {
  readonly #components: ThreadClientComponents;
  readonly #init: ThreadClientInit;
  readonly #exchanges = new Map<number, ThreadExchange>();
  #lastId = 0;
  #measured: EventLoopUtilization | undefined;
  #isEnding = false;
  #isReady = false;

  constructor(components: ThreadClientComponents, init: ThreadClientInit) {
    this.#components = components;
    this.#init = init;
    const { worker } = components;
    worker.on('message', (message: FromThread) => this.#take(message));
    worker.on('error', (failure) => init.onFailure([`A thread has failed: ${failure}`]));
    worker.on('exit', () => this.#lose());
    worker.unref(); // connections keep the process, and not the threads that wait for requests
  }

  /** Whether it has begun to take requests; it must be given none before. */
  get isReady(): boolean {
    return this.#isReady;
  }

  /** Requests that it has. */
  get running(): number {
    return this.#exchanges.size;
  }

  /** Resolves when the guest is done with the request. */
  answer(exchange: Exchange): Promise<void> {
    const id = ++this.#lastId;
    return new Promise<void>((resolve) => {
      const over = () => {
        this.#exchanges.delete(id);
        if (this.#isEnding) this.#endIfIdle();
      };
      const init = { id, done: resolve, over, stuck: this.#stop };
      const ours = new ThreadExchange({ exchange, tell: this.#tell }, init);
      this.#exchanges.set(id, ours);
      const head = requestHead(exchange.request);
      this.#tell({ kind: 'request', id, head, hasBody: ours.hasBody });
      ours.sendBody();
    });
  }

  /** The share of the time since the last call that the thread was busy, from 0 to 1. */
  utilization(): number {
    const { performance } = this.#components.worker;
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, this.#measured);
    this.#measured = now;
    return utilization;
  }

  /** Has the thread end when it has answered its requests; it must be given no more. */
  end(): void {
    this.#isEnding = true;
    this.#endIfIdle();
  }

  readonly #tell = (message: ToThread): void => this.#components.worker.postMessage(message);

  /** Ends the thread in the middle of what it does. */
  readonly #stop = (): void => {
    void this.#components.worker.terminate();
  };

  #endIfIdle(): void {
    if (this.#exchanges.size === 0) this.#stop();
  }

  #take(message: FromThread): void {
    switch (message.kind) {
      case 'ready':
        this.#isReady = true;
        return;
      case 'failure':
        this.#init.onFailure(message.lines);
        return;
      case 'output': {
        const sink = this.#components[message.stream];
        answerOutput(this.#components.outputMemory, sink, message.bytes);
        return;
      }
      default:
        this.#exchanges.get(message.id)?.take(message);
    }
  }

  #lose(): void {
    for (const exchange of [...this.#exchanges.values()]) exchange.lose();
    this.#init.onEnd();
  }
}

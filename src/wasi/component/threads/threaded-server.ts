import { type EventLoopUtilization, performance } from 'node:perf_hooks';
import { type Answer, RequestServer, type RequestServerInit } from '../http/request-server.ts';
import type { Exchange } from '../http/running-exchanges.ts';
import type { GuestThreads } from './guest-threads.ts';
import { type Observation, observationInterval, type ThreadDemand } from './thread-demand.ts';

export interface ThreadedServerComponents {
  /** Answers requests in this thread. */
  readonly answer: Answer;
  readonly threads: GuestThreads;
  readonly demand: ThreadDemand;
}

/**
 * Serves HTTP in this thread, and has requests answered in this one too until it is busy with them:
 * then in others. Whatever concerns connections and limits stays in one place.
 */
export class ThreadedServer extends RequestServer {
  constructor(components: ThreadedServerComponents, init: RequestServerInit = {}) {
    const answers = new ThreadedAnswers(components, init);
    super({ answer: answers.answer }, init);
  }
}

/** After so many requests over one connection its client counts as the only one. */
const requestsOfOne = 16;

class ThreadedAnswers {
  readonly #components: ThreadedServerComponents;
  readonly #init: RequestServerInit;
  #timer: NodeJS.Timeout | undefined;
  #measured: EventLoopUtilization = performance.eventLoopUtilization();
  #requests = 0;
  #turns = 0;
  #lastConnection: unknown;
  /** Requests that came over the last connection, one after the other. */
  #inSuccession = 0;

  constructor(components: ThreadedServerComponents, init: RequestServerInit) {
    this.#components = components;
    this.#init = init;
  }

  readonly answer = (exchange: Exchange): Promise<void> => {
    const { socket } = exchange.request;
    this.#requests += 1;
    this.#inSuccession += 1;
    if (socket !== this.#lastConnection) {
      this.#turns += 1;
      this.#inSuccession = 0;
    }
    this.#lastConnection = socket;
    if (this.#timer === undefined) this.#watch();
    const { threads, answer } = this.#components;
    // One client that waits for each answer gains nothing by a thread, which would have to be woken.
    if (this.#inSuccession >= requestsOfOne && threads.running === 0) return answer(exchange);
    return threads.answer(exchange) ?? answer(exchange);
  };

  /** As long as there are requests, or threads: a server that rests does not wake up. */
  #watch(): void {
    this.#measured = performance.eventLoopUtilization();
    this.#timer = setInterval(() => this.#look(), observationInterval).unref();
  }

  #look(): void {
    const { threads, demand } = this.#components;
    const observation = this.#observe();
    this.#become(demand.after(observation));
    if (observation.requests > 0 || threads.count > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #observe(): Observation {
    const { threads } = this.#components;
    const now = performance.eventLoopUtilization();
    const { utilization: serving } = performance.eventLoopUtilization(now, this.#measured);
    const [requests, turns] = [this.#requests, this.#turns];
    this.#measured = now;
    this.#requests = 0;
    this.#turns = 0;
    return { threads: threads.count, serving, busy: threads.busy(), requests, turns };
  }

  #become(count: number): void {
    const { threads } = this.#components;
    if (count > threads.count && threads.hasFailed) return;
    try {
      threads.become(count);
    } catch (failure) {
      this.#init.onFailure?.(failure);
    }
  }
}

import { type EventLoopUtilization, performance } from 'node:perf_hooks';
import { type Answer, RequestServer, type RequestServerInit } from '../http/request-server.ts';
import { requestsArrived } from '../http/request-turns.ts';
import { serverDefaults } from '../http/server-defaults.ts';
import { GuestThreads, type GuestThreadsComponents } from './guest-threads.ts';
import { type Observation, observationInterval, type ThreadDemand } from './thread-demand.ts';
import type { ServerMemory } from './thread-memory.ts';

export interface ThreadedServerComponents extends GuestThreadsComponents {
  /** Answers requests in this thread. */
  readonly answer: Answer;
  /** See `RunningExchangesInit`: of this thread, as others can be ended. */
  readonly limitComputing: (milliseconds: number) => void;
  readonly memory: ServerMemory;
  readonly demand: ThreadDemand;
  /** How many processors had nothing to do since this was last called. */
  readonly idleProcessors: () => number;
  /** Makes another descriptor of a connection, or a negative number. */
  readonly duplicate: (fd: number) => number;
}

/**
 * Serves HTTP in this thread until it is busy with that; then other threads do, and this one hands
 * them the connections that it accepts.
 */
export class ThreadedServer extends RequestServer {
  readonly #init: RequestServerInit;
  readonly #memory: ServerMemory;
  readonly #demand: ThreadDemand;
  readonly #threads: GuestThreads;
  readonly #clients: ClientTurns;
  readonly #idleProcessors: () => number;
  #timer: NodeJS.Timeout | undefined;
  #measured: EventLoopUtilization = performance.eventLoopUtilization();
  #arrived = 0;
  #isHandingOver = false;
  #isDraining = false;

  constructor(components: ThreadedServerComponents, init: RequestServerInit = {}) {
    const { answer, memory, demand, start, seize, duplicate, limitComputing } = components;
    const clients = new ClientTurns();
    const counting: Answer = (exchange) => {
      clients.note(exchange.request.socket);
      if (this.#timer === undefined && !this.#isDraining) this.#watch();
      return answer(exchange);
    };
    const share = { memory: memory.turns, server: 0 };
    super({ answer: counting, share, duplicate, limitComputing }, init);
    const { requestTimeout = serverDefaults.requestTimeout } = init;
    this.#init = init;
    this.#memory = memory;
    this.#demand = demand;
    this.#clients = clients;
    this.#idleProcessors = components.idleProcessors;
    this.#threads = new GuestThreads(
      { start, seize },
      {
        requestTimeout,
        onReady: () => this.connections.give(1, this.#place),
        onWarm: () => this.#handOver(),
        onConnection: this.#adopt,
      },
    );
    this.onConnection((socket) => {
      if (this.#threads.takeConnections) this.connections.giveNew(socket, this.#place);
    });
  }

  protected override async drainOthers(): Promise<void> {
    this.#isDraining = true;
    clearInterval(this.#timer);
    this.connections.stopGiving();
    const timer = setInterval(() => this.#threads.endStuck(), observationInterval);
    await this.#threads.drain();
    clearInterval(timer);
  }

  readonly #place = (fd: number): void => {
    if (!this.#threads.serve(fd)) this.#adopt(fd);
  };

  readonly #adopt = (fd: number): void => {
    this.#memory.owners[fd] = 0;
    this.connections.adopt(fd);
  };

  #handOver(): void {
    this.#isHandingOver = true;
    this.connections.give(Infinity, this.#place);
  }

  /**
   * What was there was idle, and has been given. What requests have left in memory stays until the server is quiet: to
   * give it back takes a tenth of a second, in which nobody accepts connections.
   */
  #endHandingOver(): void {
    if (!this.#isHandingOver || this.running > 0) return;
    this.#isHandingOver = false;
    this.connections.stopGiving();
  }

  /** As long as there are requests, or threads: a server that rests does not wake up. */
  #watch(): void {
    this.#idleProcessors();
    this.#measured = performance.eventLoopUtilization();
    this.#timer = setInterval(() => this.#look(), observationInterval).unref();
  }

  #look(): void {
    const requests = this.#countArrived();
    const observation = this.#observe(requests);
    this.#become(this.#demand.after(observation), observation);
    if (!this.#threads.areGone) {
      if (requests > 0) this.noteRequests(requests);
      this.keepBusy(); // what threads leave behind is given back when they have gone
      this.connections.closeUnused();
      this.#endHandingOver();
      return;
    }
    this.connections.stopGiving();
    // Those that came back from threads, and may not be there any more.
    if (this.connections.closeUnused() > 0 || requests > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** Requests since the last look, in all threads. */
  #countArrived(): number {
    const arrived = requestsArrived(this.#memory.turns);
    const requests = (arrived - this.#arrived) | 0; // the number wraps
    this.#arrived = arrived;
    return requests;
  }

  #observe(requests: number): Observation {
    const now = performance.eventLoopUtilization();
    const { utilization: serving } = performance.eventLoopUtilization(now, this.#measured);
    this.#measured = now;
    const { count: threads, connections } = this.#threads;
    const hasSeveralClients = threads > 0 ? connections > 1 : this.#clients.areSeveral(requests);
    this.#clients.forget();
    const [busy, idleProcessors] = [this.#threads.look(), this.#idleProcessors()];
    return { threads, serving, busy, hasSeveralClients, idleProcessors };
  }

  #become(count: number, { idleProcessors }: Observation): void {
    if (count > this.#threads.count && this.#threads.hasFailed) return;
    try {
      this.#threads.become(count, { atOnce: idleProcessors >= 1 });
    } catch (failure) {
      this.#init.onFailure?.(failure);
    }
  }
}

/** The share of requests that take turns where several clients ask at once. */
const turnsOfSeveral = 0.25;

/** Tells one client that waits for each answer, and keeps no more than one thread busy, from several. */
class ClientTurns {
  #last: unknown;
  #turns = 0;

  /** To be called for each request. */
  note(connection: unknown): void {
    if (connection !== this.#last) this.#turns += 1;
    this.#last = connection;
  }

  /** @param requests that have been noted, or more */
  areSeveral(requests: number): boolean {
    return this.#turns > 1 && this.#turns >= requests * turnsOfSeveral;
  }

  forget(): void {
    this.#turns = 0;
  }
}

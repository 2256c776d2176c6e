import { steadyTime } from './steady-time.ts';
import { endStuckThread } from './stuck-thread.ts';
import type { ThreadClient, ThreadClientInit } from './thread-client.ts';

export interface GuestThreadsComponents {
  /**
   * Starts a thread.
   *
   * @throws where there can be no more of them
   */
  readonly start: (init: Omit<ThreadClientInit, 'say'>) => ThreadClient;
  /** Takes a connection from another thread: another descriptor of it, or a negative number. */
  readonly seize: (fd: number) => number;
}

export interface GuestThreadsInit {
  /** Milliseconds that a request may take. */
  readonly requestTimeout: number;
  /** Called when a thread takes one connection, to become warm, and no other thread has one for it. */
  readonly onReady: () => void;
  /** Called when there is one more thread that takes connections as they come. */
  readonly onWarm: () => void;
  /** Called with a connection that no thread takes. */
  readonly onConnection: (fd: number) => void;
}

/** Milliseconds in which a thread has to give up a request whose time is up. */
const grace = 1000;
/** The share of its time that a thread is busy when it gives connections to one that is less so, by so much. */
const tooBusy = 0.8;
const imbalance = 0.3;

/** The threads that serve connections; none at first. */
export class GuestThreads {
  readonly #components: GuestThreadsComponents;
  readonly #init: GuestThreadsInit;
  readonly #threads: ThreadClient[] = [];
  #wanted = 0;
  /** Those that end once their connections have left them. */
  readonly #leaving = new Set<ThreadClient>();
  /** Those that did not go on at the last look. */
  #stuck: ReadonlySet<ThreadClient> = new Set();
  #hasFailed = false;
  #isDraining = false;

  constructor(components: GuestThreadsComponents, init: GuestThreadsInit) {
    this.#components = components;
    this.#init = init;
  }

  /** How many there are or will be, see {@link become}. */
  get count(): number {
    return this.#wanted;
  }

  /** Whether there are none, not even some that end. */
  get areGone(): boolean {
    return this.#threads.length === 0 && this.#leaving.size === 0;
  }

  /** Connections that they have. */
  get connections(): number {
    return this.#threads.reduce((sum, { connections }) => sum + connections, 0);
  }

  /** Whether one could not be started, or ended before it took connections: others would, too. */
  get hasFailed(): boolean {
    return this.#hasFailed;
  }

  /** Whether a connection would find a thread that takes it. */
  get takeConnections(): boolean {
    return this.#taking().length > 0;
  }

  /** Has the thread that has the fewest serve a connection; false where there is none that could. */
  serve(fd: number): boolean {
    return this.#serveBy(this.#taking(), fd);
  }

  /**
   * To be called now and then: moves connections from threads that are busy to those that are not, and does
   * {@link endStuck}.
   *
   * @returns how many of the threads the time since the last call would have kept busy
   */
  look(): number {
    const busy = this.#threads.map((thread) => thread.utilization());
    if (this.#threads.every(({ isWarm }) => isWarm)) this.#balanceTime(busy);
    this.endStuck();
    return busy.reduce((sum, share) => sum + share, 0);
  }

  /**
   * Ends threads whose guest computes on though its time is up: those that do not go on at two looks, as once all
   * of the process may have been stopped.
   */
  endStuck(): void {
    const latest = steadyTime() - this.#init.requestTimeout - grace;
    const all = [...this.#threads, ...this.#leaving];
    const stuck = all.filter(({ isReady, memory }) => isReady && (memory.beat[0] ?? 0) < latest);
    const { seize } = this.#components;
    const { requestTimeout: timeout } = this.#init;
    for (const thread of stuck) {
      if (!this.#stuck.has(thread)) continue;
      this.#remove(thread);
      const serve = (fd: number) => this.#place(fd, thread);
      endStuckThread(thread, { seize, serve }, { timeout });
    }
    this.#stuck = new Set(stuck);
  }

  /**
   * To be called again and again: starts threads, or has some end once their connections have left them, until there
   * are `count`.
   *
   * @param atOnce whether a thread is started before the last one is warm, which takes time from those that serve
   *   where no processor is idle
   * @throws where no more can be started
   */
  become(count: number, { atOnce }: { readonly atOnce: boolean }): void {
    this.#wanted = count;
    while (this.#threads.length < count) {
      if (!atOnce && this.#threads.some(({ isWarm }) => !isWarm)) break;
      this.#startOne();
    }
    for (const thread of this.#threads.splice(count)) {
      this.#leaving.add(thread);
      thread.end();
    }
  }

  /**
   * Resolves when they have finished the requests that are here, and closed their connections. They take none
   * from then on, also those that become ready.
   */
  async drain(): Promise<void> {
    this.#isDraining = true;
    await Promise.all([...this.#threads, ...this.#leaving].map((thread) => thread.drain()));
  }

  #taking(): ThreadClient[] {
    return this.#isDraining ? [] : this.#threads.filter((thread) => thread.takesConnections);
  }

  #warm(): ThreadClient[] {
    return this.#isDraining ? [] : this.#threads.filter(({ isWarm }) => isWarm);
  }

  #startOne(): void {
    try {
      const thread = this.#components.start({
        onReady: () => this.#welcome(),
        onWarm: () => this.#share(),
        onConnection: (fd) => this.#place(fd, thread),
        onEnd: () => this.#forget(thread),
      });
      this.#threads.push(thread);
    } catch (failure) {
      this.#hasFailed = true;
      this.#wanted = this.#threads.length;
      throw failure;
    }
  }

  /**
   * A new thread begins with one connection: until V8 has compiled what it does, requests are slow, and wait for the
   * compilers.
   */
  #welcome(): void {
    if (this.#isDraining) return;
    const [most] = this.#warm().toSorted((one, other) => other.connections - one.connections);
    if (most === undefined) this.#init.onReady();
    else if (most.connections > 1) most.give(1);
  }

  /** A thread that has become warm gets its share of connections. */
  #share(): void {
    if (this.#isDraining) return;
    const warm = this.#warm();
    const share = Math.ceil(this.connections / warm.length);
    for (const thread of warm) {
      const excess = thread.connections - share;
      if (excess > 0) thread.give(excess);
    }
    this.#init.onWarm();
  }

  #serveBy(threads: readonly ThreadClient[], fd: number): boolean {
    const [least] = threads.toSorted((one, other) => one.connections - other.connections);
    least?.serve(fd);
    return least !== undefined;
  }

  /** Finds who goes on with a connection that a thread does not keep. */
  #place(fd: number, giver: ThreadClient): void {
    const others = this.#taking().filter((thread) => thread !== giver);
    if (!this.#serveBy(others, fd) && !this.serve(fd)) this.#init.onConnection(fd);
  }

  /** Connections differ in what they ask for: as many for each thread may be much for one of them. */
  #balanceTime(busy: readonly number[]): void {
    const most = Math.max(...busy);
    const busiest = this.#threads[busy.indexOf(most)];
    if (busiest === undefined || most < tooBusy || most - Math.min(...busy) < imbalance) return;
    const others = this.#warm().filter((thread) => thread !== busiest);
    const fewest = Math.min(...others.map(({ connections }) => connections));
    if (others.length === 0 || busiest.connections < 2) return;
    busiest.give(Math.max(1, Math.floor((busiest.connections - fewest) / 2)));
  }

  #forget(thread: ThreadClient): void {
    if (!thread.isReady && !this.#leaving.has(thread)) this.#hasFailed = true;
    this.#remove(thread);
  }

  #remove(thread: ThreadClient): void {
    const index = this.#threads.indexOf(thread);
    if (index >= 0) {
      this.#threads.splice(index, 1);
      this.#wanted = this.#threads.length; // whether it is missed is seen by what the others have to do
    }
    this.#leaving.delete(thread);
  }
}

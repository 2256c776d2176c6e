import type { Exchange } from '../http/running-exchanges.ts';
import type { ThreadClient } from './thread-client.ts';

export interface GuestThreadsComponents {
  /**
   * Starts a thread.
   *
   * @param onEnd called once, when it has ended
   * @throws where there can be no more of them
   */
  readonly start: (onEnd: () => void) => ThreadClient;
}

/** The threads that answer requests; none at first. A request goes to the one that has the fewest. */
export class GuestThreads {
  readonly #start: GuestThreadsComponents['start'];
  readonly #threads: ThreadClient[] = [];
  #hasFailed = false;

  constructor({ start }: GuestThreadsComponents) {
    this.#start = start;
  }

  /** How many there are. */
  get count(): number {
    return this.#threads.length;
  }

  /** Requests that they have. */
  get running(): number {
    return this.#threads.reduce((sum, thread) => sum + thread.running, 0);
  }

  /** Whether one could not be started, or ended before it took requests: others would, too. */
  get hasFailed(): boolean {
    return this.#hasFailed;
  }

  /** How many of them the time since the last call would have kept busy. */
  busy(): number {
    return this.#threads.reduce((sum, thread) => sum + thread.utilization(), 0);
  }

  /**
   * Starts threads, or has some end once they have answered their requests, until there are `count`.
   *
   * @throws where no more can be started
   */
  become(count: number): void {
    while (this.#threads.length < count) this.#threads.push(this.#startOne());
    for (const thread of this.#threads.splice(count)) thread.end();
  }

  #startOne(): ThreadClient {
    try {
      const thread = this.#start(() => this.#forget(thread));
      return thread;
    } catch (failure) {
      this.#hasFailed = true;
      throw failure;
    }
  }

  /** Has a thread answer a request; undefined where none takes any. */
  answer(exchange: Exchange): Promise<void> | undefined {
    let least: ThreadClient | undefined;
    for (const thread of this.#threads) {
      if (thread.isReady && !(least && least.running <= thread.running)) least = thread;
    }
    return least?.answer(exchange);
  }

  #forget(thread: ThreadClient): void {
    if (!thread.isReady) this.#hasFailed = true;
    const index = this.#threads.indexOf(thread);
    if (index >= 0) this.#threads.splice(index, 1);
  }
}

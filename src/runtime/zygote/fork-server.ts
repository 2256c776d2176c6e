import { closeSync, readSync, writeSync } from 'node:fs';
import { processId } from '../../wasi/libc/process.ts';
import type { ContainerBodies } from '../container/container-body.ts';
import type { Fork } from './fork.ts';
import type { Reaper } from './reaper.ts';
import { serveForks } from './serve-forks.ts';
import { zygotePipe } from './zygote-pipe.ts';

export interface ForkServerComponents {
  readonly fork: Fork;
  readonly reaper: Reaper;
  readonly bodies: ContainerBodies;
  /** The zygotes' directory. */
  readonly directory: string;
  /** What `ps` shows. */
  readonly title: string;
  /** See `wakeupDescriptors`. */
  readonly wakeups: readonly number[];
}

/**
 * A process that does nothing but fork, for a zygote that does everything else. Each page that a
 * process writes to between two forks is one more that its children do not share: a zygote, with
 * its event loop and its sockets, writes to hundreds.
 *
 * Its children are the zygote's, which reaps them.
 */
export class ForkServer implements Disposable {
  readonly #requests: number;
  readonly #replies: number;
  readonly #message = new Int32Array(2);
  #ended = false;

  constructor({ fork, reaper, ...init }: ForkServerComponents) {
    const requests = zygotePipe();
    const replies = zygotePipe();
    const ends = { requests: requests.read, replies: replies.write, zygote: processId() };
    const pid = fork.run(() => serveForks(fork, { ...init, ...ends }));
    void reaper.endOf(pid).then(() => {
      this.#ended = true;
    });
    closeSync(requests.read);
    closeSync(replies.write);
    this.#requests = requests.write;
    this.#replies = replies.read;
  }

  /** Whether it has ended by itself: it can only be disposed of. */
  get ended(): boolean {
    return this.#ended;
  }

  /**
   * Forks a container process.
   *
   * @param orders read end of the pipe with its orders
   * @param report write end of the pipe for its start report
   * @returns its pid
   * @throws where the process that forks has ended, or may not fork
   */
  child(orders: number, report: number): number {
    this.#message.set([orders, report]);
    writeSync(this.#requests, this.#message);
    const pid = this.#reply();
    if (pid < 0) throw new Error(`Cannot fork: errno ${-pid}`);
    return pid;
  }

  #reply(): number {
    if (readSync(this.#replies, this.#message, 0, 4, null) > 0) return this.#message[0] ?? 0;
    this.#ended = true;
    throw new Error('Cannot fork: the fork server has ended');
  }

  /** Ends the process that forks. */
  [Symbol.dispose](): void {
    closeSync(this.#requests);
    closeSync(this.#replies);
  }
}

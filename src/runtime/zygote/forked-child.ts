import { closeSync, writeSync } from 'node:fs';
import { Socket } from 'node:net';
import type { ProcessEnd } from '../../wasi/libc/process.ts';
import type { Orders } from '../container/run-forked.ts';
import type { ContainerChild, Hold } from './container-child.ts';
import type { ForkServer } from './fork-server.ts';
import type { Reaper } from './reaper.ts';
import { zygotePipe } from './zygote-pipe.ts';

export interface ForkedChildComponents {
  readonly forkServer: ForkServer;
  readonly reaper: Reaper;
}

/** A forked process that waits to be told which container it is. */
export class ForkedChild {
  readonly #pid: number;
  readonly #orders: number;
  readonly #report: number;
  readonly #end: Promise<ProcessEnd>;
  #ended = false;

  constructor({ forkServer, reaper }: ForkedChildComponents) {
    const orders = zygotePipe();
    const report = zygotePipe();
    try {
      this.#pid = forkServer.child(orders.read, report.write);
    } catch (error) {
      for (const fd of [orders.write, report.read]) closeSync(fd);
      throw error;
    } finally {
      for (const fd of [orders.read, report.write]) closeSync(fd);
    }
    this.#end = reaper.endOf(this.#pid);
    void this.#end.then(() => {
      this.#ended = true;
    });
    this.#orders = orders.write;
    this.#report = report.read;
  }

  get pid(): number {
    return this.#pid;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /**
   * Makes it the container process that it has been announced as; once.
   *
   * @param claim makes it known as that at last, where the orders say that it is held
   */
  become(orders: Orders, claim?: () => void): ContainerChild {
    writeSync(this.#orders, `${JSON.stringify(orders)}\n`);
    const hold = claim && this.#hold(claim);
    if (hold === undefined) closeSync(this.#orders);
    const report = new Socket({ fd: this.#report, writable: false });
    return { pid: this.#pid, form: 'fork', report, end: this.#end, ...(hold && { hold }) };
  }

  #hold(claim: () => void): Hold {
    const orders = this.#orders;
    return {
      release() {
        try {
          claim();
          writeSync(orders, '\n');
        } finally {
          closeSync(orders);
        }
      },
      giveUp: () => closeSync(orders),
    };
  }

  /** Lets go of a child that is no container. */
  discard(): void {
    closeSync(this.#orders);
    closeSync(this.#report);
  }
}

import { closeSync, writeSync } from 'node:fs';
import { Socket } from 'node:net';
import { openPipe } from '../../wasi/libc/pipe.ts';
import type { ProcessEnd } from '../../wasi/libc/process.ts';
import type { ContainerBodies } from '../container/container-body.ts';
import { type Orders, runForked } from '../container/run-forked.ts';
import type { ContainerChild } from './container-child.ts';
import type { Fork } from './fork.ts';
import type { Reaper } from './reaper.ts';

export interface ForkedChildComponents {
  readonly fork: Fork;
  readonly reaper: Reaper;
  readonly bodies: ContainerBodies;
  /** See `wakeupDescriptors`. */
  readonly wakeups: readonly number[];
}

/** A forked process that waits to be told which container it is. */
export class ForkedChild {
  readonly #pid: number;
  readonly #orders: number;
  readonly #report: number;
  readonly #end: Promise<ProcessEnd>;
  #ended = false;

  constructor({ fork, reaper, bodies, wakeups }: ForkedChildComponents) {
    const orders = pipe();
    const report = pipe();
    this.#pid = fork.run(() =>
      runForked({ orders: orders.read, report: report.write, wakeups }, bodies),
    );
    this.#end = reaper.endOf(this.#pid);
    void this.#end.then(() => {
      this.#ended = true;
    });
    closeSync(orders.read);
    closeSync(report.write);
    this.#orders = orders.write;
    this.#report = report.read;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Makes it a container process; once. */
  become(orders: Orders): ContainerChild {
    writeSync(this.#orders, `${JSON.stringify(orders)}\n`);
    closeSync(this.#orders);
    const report = new Socket({ fd: this.#report, writable: false });
    return { pid: this.#pid, form: 'fork', report, end: this.#end };
  }

  /** Lets go of a child that is no container. */
  discard(): void {
    closeSync(this.#orders);
    closeSync(this.#report);
  }
}

function pipe(): { readonly read: number; readonly write: number } {
  const ends = openPipe();
  if (typeof ends === 'number') throw new Error(`Cannot make a pipe: errno ${-ends}`);
  return ends;
}

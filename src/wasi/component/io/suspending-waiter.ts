import type { System } from '../../system/system.ts';
import type { Cancellation } from './cancellation.ts';
import type { Readiness, WaitSource } from './readiness.ts';
import type { Waiter } from './waiter.ts';

const nanosecondsPerMillisecond = 1_000_000;
/** What a timer of the event loop takes at most; a later deadline is waited for in steps. */
const longestTimer = 2 ** 31 - 1;

/** Waits on the event loop while the guest is suspended, so that other guests go on. */
export class SuspendingWaiter implements Waiter {
  readonly #system: System;

  constructor(system: System) {
    this.#system = system;
  }

  wait(
    readinesses: readonly Readiness[],
    cancellation: Cancellation,
  ): undefined | Promise<undefined> {
    if (readinesses.some((readiness) => readiness.ready())) return undefined;
    return this.#suspend(readinesses, cancellation);
  }

  async #suspend(
    readinesses: readonly Readiness[],
    cancellation: Cancellation,
  ): Promise<undefined> {
    do {
      await this.#first(
        readinesses.map((readiness) => readiness.source()),
        cancellation,
      );
      cancellation.throwIfCancelled(); // since it has happened
    } while (!readinesses.some((readiness) => readiness.ready()));
    return undefined;
  }

  /** As a race would, but at a fraction of its price, and it leaves nothing behind. */
  #first(sources: readonly WaitSource[], cancellation: Cancellation): Promise<void> {
    return new Promise((resolve, reject) => {
      const ends: (() => void)[] = [];
      const end = () => {
        for (const each of ends) each();
      };
      const happen = () => {
        end();
        resolve();
      };
      for (const source of sources) this.#begin(source, happen, ends);
      const forget = cancellation.onCancel((reason) => {
        end();
        reject(reason);
      });
      ends.push(forget);
    });
  }

  /** Calls `happen` later, unless what is added to `ends` is called before. */
  #begin(source: WaitSource, happen: () => void, ends: (() => void)[]): void {
    switch (source.kind) {
      case 'event':
        source.happened.then(happen);
        return;
      case 'deadline': {
        const timer = setTimeout(happen, this.#millisecondsUntil(source.at));
        ends.push(() => clearTimeout(timer));
        return;
      }
      case 'handle':
        ends.push(this.#system.watcher.watch(source.handle, source.direction, happen));
        return;
      case 'any':
        for (const each of source.sources) this.#begin(each, happen, ends);
        return;
      default:
        source satisfies never;
    }
  }

  #millisecondsUntil(deadline: bigint): number {
    const left = Number(deadline - this.#system.clocks.now(1)) / nanosecondsPerMillisecond;
    return Math.min(Math.max(left, 0), longestTimer);
  }
}

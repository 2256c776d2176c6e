import { PollInterest } from '../../system/poller.ts';
import type { System } from '../../system/system.ts';
import { GuestTrap } from '../abi/guest-trap.ts';
import type { Readiness, WaitSource } from './readiness.ts';
import type { Waiter } from './waiter.ts';

/** Waits in the kernel: for commands, which have their thread to themselves. */
export class BlockingWaiter implements Waiter {
  readonly #system: System;

  constructor(system: System) {
    this.#system = system;
  }

  wait(readinesses: readonly Readiness[]): undefined {
    while (!readinesses.some((readiness) => readiness.ready())) {
      this.#block(readinesses.flatMap((readiness) => eachSource(readiness.source())));
    }
    return undefined;
  }

  #block(sources: readonly SingleSource[]): void {
    const interests = sources.flatMap((source) =>
      source.kind === 'handle' ? new PollInterest(source.handle, source.direction) : [],
    );
    const deadlines = sources.flatMap((source) => (source.kind === 'deadline' ? source.at : []));
    if (interests.length + deadlines.length < sources.length) {
      throw new GuestTrap('Cannot wait: what is waited for needs the event loop');
    }
    this.#system.poller.wait(interests, this.#timeout(deadlines));
  }

  #timeout(deadlines: readonly bigint[]): bigint | undefined {
    const [earliest] = deadlines.toSorted((left, right) => (left < right ? -1 : 1));
    if (earliest === undefined) return undefined;
    const left = earliest - this.#system.clocks.now(1);
    return left > 0n ? left : 0n;
  }
}

type SingleSource = Exclude<WaitSource, { kind: 'any' }>;

function eachSource(source: WaitSource): readonly SingleSource[] {
  return source.kind === 'any' ? source.sources.flatMap(eachSource) : [source];
}

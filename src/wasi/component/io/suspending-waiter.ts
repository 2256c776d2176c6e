import { setTimeout as delay } from 'node:timers/promises';
import { PollInterest } from '../../system/poller.ts';
import type { System } from '../../system/system.ts';
import type { Cancellation } from './cancellation.ts';
import type { Readiness, WaitSource } from './readiness.ts';
import type { Waiter } from './waiter.ts';

/**
 * How long handles are left alone between two looks, in milliseconds, at first and at most: the event
 * loop cannot watch them. It doubles, as what has waited for long may do so for longer.
 */
const pollInterval = { first: 1, longest: 8 } as const;
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
      const sources = readinesses.map((readiness) => readiness.source());
      if (sources.every(isEvent)) await firstEvent(sources, cancellation);
      else await this.#firstOf(sources, cancellation.signal);
    } while (!readinesses.some((readiness) => readiness.ready()));
    return undefined;
  }

  async #firstOf(sources: readonly WaitSource[], signal: AbortSignal): Promise<void> {
    const settled = new AbortController();
    try {
      await Promise.race([
        aborted(signal, settled.signal),
        ...sources.map((source) => this.#happens(source, settled.signal)),
      ]);
    } finally {
      settled.abort();
    }
  }

  #happens(source: WaitSource, signal: AbortSignal): Promise<unknown> {
    switch (source.kind) {
      case 'event':
        return source.happened;
      case 'deadline':
        return sleep(this.#millisecondsUntil(source.at), signal);
      case 'handle':
        return this.#handleReady(new PollInterest(source.handle, source.direction), signal);
      case 'any':
        return Promise.race(source.sources.map((each) => this.#happens(each, signal)));
      default:
        return source satisfies never;
    }
  }

  #millisecondsUntil(deadline: bigint): number {
    const left = Number(deadline - this.#system.clocks.now(1)) / nanosecondsPerMillisecond;
    return Math.min(Math.max(left, 0), longestTimer);
  }

  async #handleReady(interest: PollInterest, signal: AbortSignal): Promise<void> {
    let interval: number = pollInterval.first;
    while (!signal.aborted && this.#system.poller.wait([interest], 0n) === 0) {
      await sleep(interval, signal);
      interval = Math.min(interval * 2, pollInterval.longest);
    }
  }
}

type EventSource = Extract<WaitSource, { kind: 'event' }>;

function isEvent(source: WaitSource): source is EventSource {
  return source.kind === 'event';
}

/** As a race would, but at a fraction of its price: this is what most waiting is for. */
function firstEvent(sources: readonly EventSource[], cancellation: Cancellation): Promise<void> {
  return new Promise((resolve, reject) => {
    const forget = cancellation.onCancel(reject);
    const settle = () => {
      forget();
      resolve();
    };
    for (const { happened } of sources) happened.then(settle);
  });
}

/** Rejects when `signal` aborts, unless that no longer matters. */
function aborted(signal: AbortSignal, settled: AbortSignal): Promise<never> {
  signal.throwIfAborted();
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true, signal: settled });
  });
}

/** Sleeps for `milliseconds`, or until there is no more need to. */
async function sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
  try {
    await delay(milliseconds, undefined, { signal });
  } catch (cause) {
    if (!signal.aborted) throw cause;
  }
}

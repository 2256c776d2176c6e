/** What became of the last {@link observationInterval}. */
export interface Observation {
  /** Threads there are, beside the one that accepts connections. */
  readonly threads: number;
  /** The share of the time that the thread that accepts connections was busy, from 0 to 1. */
  readonly serving: number;
  /** How many of the threads the time would have kept busy. */
  readonly busy: number;
  /** Whether more than one asks at a time. */
  readonly hasSeveralClients: boolean;
  /** How many processors had nothing to do. */
  readonly idleProcessors: number;
}

/** How often somebody looks, in milliseconds. */
export const observationInterval = 500;

const busyShare = 0.8;
/** What has to be idle of a processor for one more thread: it would only take turns with the others. */
const idleShare = 0.5;
const looksBeforeMore = 2;
const looksBeforeFewer = 20;
/** One thread alone would gain nothing: the one that hands it the connections does nothing else. */
const fewest = 2;

/**
 * Decides how many threads answer requests, between none and `most`: more when those that are there
 * have been busy for a second and a processor has not, fewer when one more than needed has been there for ten.
 */
export class ThreadDemand {
  readonly #most: number;
  #busyLooks = 0;
  #idleLooks = 0;

  constructor({ most }: { readonly most: number }) {
    this.#most = most;
  }

  /** To be called once in each {@link observationInterval}. @returns how many threads there shall be */
  after(observation: Observation): number {
    const { threads } = observation;
    this.#busyLooks = isBusy(observation) ? this.#busyLooks + 1 : 0;
    this.#idleLooks = isIdle(observation) ? this.#idleLooks + 1 : 0;
    if (this.#busyLooks >= looksBeforeMore) return this.#decided(Math.max(fewest, threads + 1));
    if (this.#idleLooks >= looksBeforeFewer) return this.#decided(threads - 1);
    return threads;
  }

  #decided(count: number): number {
    this.#busyLooks = 0;
    this.#idleLooks = 0;
    if (count < fewest || this.#most < fewest) return 0;
    return Math.min(count, this.#most);
  }
}

function isBusy(observation: Observation): boolean {
  const { threads, serving, busy, hasSeveralClients, idleProcessors } = observation;
  if (!hasSeveralClients || idleProcessors < idleShare) return false;
  return threads > 0 ? busy >= threads * busyShare : serving >= busyShare;
}

/** Whether one thread fewer would have done, with room to spare. */
function isIdle({ threads, busy, hasSeveralClients }: Observation): boolean {
  if (threads === 0) return false;
  return !hasSeveralClients || busy <= (threads - 1) * (busyShare / 2);
}

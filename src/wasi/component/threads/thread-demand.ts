/** What became of the last {@link observationInterval}. */
export interface Observation {
  /** Threads there are, beside the one that has the connections. */
  readonly threads: number;
  /** The share of the time that the thread with the connections was busy, from 0 to 1. */
  readonly serving: number;
  /** How many of the threads the time would have kept busy. */
  readonly busy: number;
  /** Requests that have come. */
  readonly requests: number;
  /** How many of them came over another connection than the one before. */
  readonly turns: number;
}

/** How often somebody looks, in milliseconds. */
export const observationInterval = 500;

const busyShare = 0.8;
/** Milliseconds of a request below which handing it over, with its bodies, takes too large a part of it. */
const worthwhile = 0.25;
/** The share of requests that take turns where several clients ask at once. */
const turnsOfSeveral = 0.25;
const looksBeforeMore = 2;
const looksBeforeFewer = 20;
/** One thread alone would gain next to nothing: the thread that hands it the requests does little else. */
const fewest = 2;

/**
 * Decides how many threads answer requests, between none and `most`: more when those that are there
 * have been busy for a second, fewer when one more than needed has been there for ten.
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
  const { threads, serving, busy } = observation;
  if (!hasSeveralClients(observation) || !isWorthwhile(observation)) return false;
  return threads > 0 ? busy >= threads * busyShare : serving >= busyShare;
}

/** Whether one thread fewer would have done, with room to spare. */
function isIdle(observation: Observation): boolean {
  const { threads, busy } = observation;
  if (threads === 0) return false;
  if (!hasSeveralClients(observation) || !isWorthwhile(observation)) return true;
  return busy <= (threads - 1) * (busyShare / 2);
}

/** Whether requests take so long that it pays to hand them over. */
function isWorthwhile({ threads, serving, busy, requests }: Observation): boolean {
  const working = threads > 0 ? busy : serving;
  return requests * worthwhile <= working * observationInterval;
}

/** One client that waits for each answer keeps no more than one thread busy. */
function hasSeveralClients({ requests, turns }: Observation): boolean {
  return turns > 1 && turns >= requests * turnsOfSeveral;
}

import { type ProcessCounters, processMemoryBytes } from './process-usage.ts';

/** How long a measurement may serve, in milliseconds: what is shared depends on others as well. */
const shortestAge = 120_000;

interface Measurement {
  readonly pages: string;
  readonly bytes: number;
  readonly until: number;
}

/**
 * Measures the memory of one process again and again, as `processMemoryBytes` does, but not while
 * its pages are those of the last time: most containers idle, and a node asks for all of them.
 */
export class MemoryMeter {
  #last: Measurement | undefined;

  /**
   * Bytes; `undefined` where the process has ended.
   *
   * @param at milliseconds since the epoch
   */
  measure(pid: number, { pages }: ProcessCounters, at: number): number | undefined {
    if (this.#last?.pages === pages && at < this.#last.until) return this.#last.bytes;
    const bytes = processMemoryBytes(pid);
    if (bytes === undefined) return undefined;
    // Those that were measured together shall not all be measured anew together.
    const age = shortestAge * (1 + Math.random());
    this.#last = { pages, bytes, until: at + age };
    return bytes;
  }
}

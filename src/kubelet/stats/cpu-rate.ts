interface Sample {
  readonly at: number;
  readonly nanos: bigint;
}

/** Shortest time between two samples that a rate is computed from, in milliseconds. */
const minWindow = 1_000;

/** Turns counters of CPU time into nanoseconds per second, between one question and the next. */
export class CpuRates {
  readonly #samples = new Map<
    string,
    { readonly sample: Sample; readonly rate: number | undefined }
  >();

  /**
   * Takes a counter's value and gives its rate since the last sample that is old enough.
   *
   * @param at milliseconds since the epoch
   */
  rate(id: string, nanos: bigint, at: number): number | undefined {
    const last = this.#samples.get(id);
    if (last === undefined || nanos < last.sample.nanos) {
      this.#samples.set(id, { sample: { at, nanos }, rate: undefined });
      return undefined;
    }
    const elapsed = at - last.sample.at;
    if (elapsed < minWindow) return last.rate;
    const rate = (Number(nanos - last.sample.nanos) * 1000) / elapsed;
    this.#samples.set(id, { sample: { at, nanos }, rate });
    return rate;
  }

  /** Forgets all counters but these. */
  keepOnly(ids: ReadonlySet<string>): void {
    for (const id of this.#samples.keys()) if (!ids.has(id)) this.#samples.delete(id);
  }
}

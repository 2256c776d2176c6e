/** One line of the table: the same thing done by krustlet and by its peers, in the same run. */
export interface BenchRow {
  /** Such as `clock_time_get`. */
  readonly what: string;
  readonly unit:
    | 'ns'
    | 'µs'
    | 'ms'
    | 's'
    | 'kB'
    | 'MB'
    | 'MB/s'
    | 'per s'
    | '% of a core'
    | 'requests';
  readonly krustlet: number;
  /** What the others needed, by name; one that cannot do it is left out. */
  readonly peers: Readonly<Record<string, number>>;
  /** What it should be, where design decisions depend on it. */
  readonly budget?: number;
}

/** What a benchmark may use. */
export interface BenchMachine {
  /** Path of the `wasmtime` program; `undefined` where there is none. */
  readonly wasmtime: string | undefined;
  /** A large component that serves HTTP, which is measured as well. */
  readonly large: { readonly component: string; readonly route: string } | undefined;
  /** An empty folder that is removed afterwards. */
  readonly scratch: string;
}

/** Every `bench/*.bench.ts` exports one as `bench`; `npm run bench` prints their rows as one table. */
export interface Bench {
  readonly title: string;
  measure(machine: BenchMachine): Promise<readonly BenchRow[]>;
}

/** The middle of several measurements, which one slow moment of the machine does not move. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

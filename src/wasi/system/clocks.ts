/** The clocks by their numbers, the same in WASI and on Linux. */
export const clock = { realtime: 0, monotonic: 1, processCpuTime: 2, threadCpuTime: 3 } as const;

export interface Clocks {
  /** Nanoseconds on a clock, negative for an error (`inval` for a clock that does not exist). */
  now(clock: number): bigint;

  /**
   * Writes {@link now} as 64 bits, little-endian, at `offset`: the way that makes no bigint.
   *
   * @returns an error number
   */
  write(clock: number, view: DataView, offset: number): number;

  /** Nanoseconds between two ticks, negative for an error as with {@link now}. */
  resolution(clock: number): bigint;

  /** Gives the processor to another thread. */
  yield(): void;
}

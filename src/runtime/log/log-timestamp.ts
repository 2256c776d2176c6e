import { type Clocks, clock } from '../../wasi/system/clocks.ts';

const nanosecondsPerSecond = 1_000_000_000n;
const digits = 9;
const zero = 0x30;

/** Bytes of `2026-11-23T01:02:03.123456789Z`. */
export const timestampLength = 30;
const fractionStart = 20;

/** Writes the time in RFC 3339 with nanoseconds, as CRI logs have it. */
export class LogTimestamp {
  readonly #clocks: Clocks;
  #second = -1n;

  constructor(clocks: Clocks) {
    this.#clocks = clocks;
  }

  /**
   * Writes the time now at the start of `target`, which nobody else writes to: only the part that
   * has changed since the last call is written.
   */
  write(target: Buffer): void {
    const now = this.#clocks.now(clock.realtime);
    const second = now / nanosecondsPerSecond;
    if (second !== this.#second) this.#writeSecond(target, second);
    let rest = Number(now - second * nanosecondsPerSecond);
    for (let at = fractionStart + digits - 1; at >= fractionStart; at -= 1) {
      const shorter = Math.trunc(rest / 10);
      target[at] = zero + rest - shorter * 10;
      rest = shorter;
    }
  }

  #writeSecond(target: Buffer, second: bigint): void {
    this.#second = second;
    const text = new Date(Number(second) * 1_000).toISOString();
    target.write(`${text.slice(0, fractionStart)}000000000Z`, 'latin1');
  }
}

import { type Clocks, clock } from '../../wasi/system/clocks.ts';

const nanosecondsPerSecond = 1_000_000_000;
const digits = 9;
const zero = 0x30;

/** Bytes of `2026-11-23T01:02:03.123456789Z`. */
export const timestampLength = 30;
const fractionStart = 20;

/** Writes the time in RFC 3339 with nanoseconds, as CRI logs have it. */
export class LogTimestamp {
  readonly #clocks: Clocks;
  readonly #now = new DataView(new ArrayBuffer(8));
  /** The start of the second that was written last, in nanoseconds, as two halves of 32 bits. */
  #secondHigh = 0;
  #secondLow = 0;

  constructor(clocks: Clocks) {
    this.#clocks = clocks;
  }

  /**
   * Writes the time now at the start of `target`, which nobody else writes to: only the part that
   * has changed since the last call is written.
   */
  write(target: Buffer): void {
    this.#clocks.write(clock.realtime, this.#now, 0);
    let rest = this.#sinceSecond();
    if (!(rest >= 0 && rest < nanosecondsPerSecond)) {
      this.#beginSecond(target);
      rest = this.#sinceSecond();
    }
    for (let at = fractionStart + digits - 1; at >= fractionStart; at -= 1) {
      const shorter = Math.trunc(rest / 10);
      target[at] = zero + rest - shorter * 10;
      rest = shorter;
    }
  }

  /** Exact where it is less than a second, which is what matters. */
  #sinceSecond(): number {
    const high = this.#now.getUint32(4, true) - this.#secondHigh;
    return high * 0x1_0000_0000 + this.#now.getUint32(0, true) - this.#secondLow;
  }

  #beginSecond(target: Buffer): void {
    const second = this.#now.getBigUint64(0, true) / BigInt(nanosecondsPerSecond);
    const start = second * BigInt(nanosecondsPerSecond);
    this.#secondHigh = Number(start >> 32n);
    this.#secondLow = Number(start & 0xffff_ffffn);
    const text = new Date(Number(second) * 1_000).toISOString();
    target.write(`${text.slice(0, fractionStart)}000000000Z`, 'latin1');
  }
}

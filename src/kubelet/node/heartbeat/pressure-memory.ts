import type { PressureType } from '../../eviction/eviction-thresholds.ts';

/**
 * Holds pressures for a while after they were last seen, so that a machine on the brink does not
 * flip between two conditions: pressure is reported at once, relief only when it lasts.
 */
export class PressureMemory {
  readonly #transitionPeriod: number;
  readonly #lastSeen = new Map<PressureType, number>();

  /** `transitionPeriod` in milliseconds: the kubelet's is five minutes. */
  constructor(transitionPeriod = 5 * 60_000) {
    this.#transitionPeriod = transitionPeriod;
  }

  /** Takes in the pressures of now and gives those to report. */
  observe(pressures: ReadonlySet<PressureType>, now: number): ReadonlySet<PressureType> {
    for (const type of pressures) this.#lastSeen.set(type, now);
    for (const [type, seen] of this.#lastSeen) {
      if (now - seen >= this.#transitionPeriod) this.#lastSeen.delete(type);
    }
    return new Set(this.#lastSeen.keys());
  }
}

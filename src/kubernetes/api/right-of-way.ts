import type { AbortOptions } from '../abort-options.ts';
import type { Clock } from '../clock.ts';

/** Nothing is asked for so long: what was begun is over, in milliseconds. */
const gap = 25;

/** Has requests that can wait give way to those that somebody waits for. */
export class RightOfWay {
  readonly #clock: Clock;
  #underWay = 0;
  /** How often a request began or ended. */
  #changes = 0;
  /** The changes after which there was a gap. */
  #calm = -1;

  constructor({ clock }: { readonly clock: Clock }) {
    this.#clock = clock;
  }

  /** Makes a request that waits for nobody. */
  async take<T>(request: () => Promise<T>): Promise<T> {
    this.#underWay += 1;
    this.#changes += 1;
    try {
      return await request();
    } finally {
      this.#underWay -= 1;
      this.#changes += 1;
    }
  }

  /** Makes a request in a gap between others, after so many milliseconds at the latest. */
  async give<T>(
    request: () => Promise<T>,
    patience: number,
    { signal }: AbortOptions = {},
  ): Promise<T> {
    for (let left = patience; left > 0 && this.#calm !== this.#changes; left -= gap) {
      const before = this.#changes;
      await this.#clock.sleep(Math.min(left, gap), { signal });
      if (this.#underWay === 0 && this.#changes === before) this.#calm = before;
    }
    return await request();
  }
}

import { OciError } from '../errors.ts';

/** How much an image's layers may hold, all together. */
export interface LayerLimits {
  /** Bytes after decompression. @default 4 GiB */
  readonly maxBytes?: number;
  /** @default 200_000 */
  readonly maxEntries?: number;
}

const defaults = { maxBytes: 4 * 1024 ** 3, maxEntries: 200_000 };

/** Counts what layers hold while they are read, so that a small bomb cannot become a big one. */
export class LayerBudget {
  readonly #limits: Required<LayerLimits>;
  #bytes = 0;
  #entries = 0;

  constructor(limits: LayerLimits = {}) {
    this.#limits = { ...defaults, ...limits };
  }

  /** @throws OciError `TooLarge` */
  spendBytes(count: number): void {
    this.#bytes += count;
    this.#demand(this.#bytes <= this.#limits.maxBytes, `${this.#limits.maxBytes} bytes`);
  }

  /** @throws OciError `TooLarge` */
  spendEntry(): void {
    this.#entries++;
    this.#demand(this.#entries <= this.#limits.maxEntries, `${this.#limits.maxEntries} entries`);
  }

  #demand(isWithin: boolean, limit: string): void {
    if (isWithin) return;
    throw new OciError('TooLarge', `unpack layers: they hold more than the ${limit} allowed`);
  }
}

import { OciError } from '../errors.ts';

/** How much an image's layers may hold, all together. */
export interface LayerLimits {
  /** Bytes after decompression. @default 4 GiB */
  readonly maxBytes?: number;
  /** @default 200_000 */
  readonly maxEntries?: number;
  /** Bytes of names, of where links lead, and of the headers that hold them. @default 64 MiB */
  readonly maxNameBytes?: number;
  /** Names that are looked up, those in symbolic links on the way included. @default 20_000_000 */
  readonly maxSteps?: number;
}

const defaults = {
  maxBytes: 4 * 1024 ** 3,
  maxEntries: 200_000,
  maxNameBytes: 64 * 1024 ** 2,
  maxSteps: 20_000_000,
};

/**
 * Counts what layers hold while they are read, so that a small bomb can become neither a big one nor
 * a slow one.
 */
export class LayerBudget {
  readonly #limits: Required<LayerLimits>;
  #layer = '';
  #bytes = 0;
  #entries = 0;
  #nameBytes = 0;
  #steps = 0;

  constructor(limits: LayerLimits = {}) {
    this.#limits = { ...defaults, ...limits };
  }

  /** The archive that is being read. */
  get layer(): string {
    return this.#layer;
  }

  enter(layer: string): void {
    this.#layer = layer;
  }

  /** @throws OciError `TooLarge` */
  spendBytes(count: number): void {
    this.#bytes += count;
    this.#demand(this.#bytes, this.#limits.maxBytes, 'bytes');
  }

  /** @throws OciError `TooLarge` */
  spendEntry(): void {
    this.#entries++;
    this.#demand(this.#entries, this.#limits.maxEntries, 'entries');
  }

  /** @throws OciError `TooLarge` */
  spendNames(bytes: number): void {
    this.#nameBytes += bytes;
    this.#demand(this.#nameBytes, this.#limits.maxNameBytes, 'bytes of names and links');
  }

  /** @throws OciError `TooLarge` */
  spendStep(): void {
    this.#steps++;
    this.#demand(this.#steps, this.#limits.maxSteps, 'steps on the ways of its paths and links');
  }

  #demand(spent: number, limit: number, unit: string): void {
    if (spent <= limit) return;
    throw new OciError(
      'TooLarge',
      `unpack layer '${this.#layer}': with those below it, it has more than the ${limit} ${unit} allowed: put less into the image`,
    );
  }
}

import type { Clock } from '../../kubernetes/clock.ts';
import { type DirectoryUsage, measureDirectory } from './directory-usage.ts';

interface Measurement {
  readonly usage: DirectoryUsage;
  readonly at: number;
  /** How long it took, in milliseconds. */
  readonly took: number;
}

/** Shortest time between two measurements of one directory, in milliseconds. */
const minInterval = 60_000;

/** A directory is measured for at most one part in so many of the time. */
const dutyCycle = 100;

/**
 * Knows how large directories are without walking them at every question: an answer is the last
 * measurement, and a large tree is measured the more seldom the longer that takes.
 */
export class VolumeMeter {
  readonly #clock: Clock;
  readonly #measurements = new Map<string, Measurement>();
  readonly #running = new Map<string, Promise<DirectoryUsage>>();

  constructor(components: { readonly clock: Clock }) {
    this.#clock = components.clock;
  }

  /** Usage of the directory as last measured; the first question waits for a measurement. */
  async usage(directory: string): Promise<DirectoryUsage> {
    const last = this.#measurements.get(directory);
    if (last === undefined) return await this.#measure(directory);
    const interval = Math.max(minInterval, last.took * dutyCycle);
    if (this.#clock.now() - last.at > interval) {
      // A failure shows at the next question that has to wait.
      this.#measure(directory).catch(() => this.#measurements.delete(directory));
    }
    return last.usage;
  }

  /** Forgets all directories but these. */
  keepOnly(directories: ReadonlySet<string>): void {
    for (const known of this.#measurements.keys()) {
      if (!directories.has(known)) this.#measurements.delete(known);
    }
  }

  async #measure(directory: string): Promise<DirectoryUsage> {
    const running = this.#running.get(directory);
    if (running !== undefined) return await running;
    const started = this.#clock.now();
    const measuring = measureDirectory(directory).finally(() => this.#running.delete(directory));
    this.#running.set(directory, measuring);
    const usage = await measuring;
    const at = this.#clock.now();
    this.#measurements.set(directory, { usage, at, took: at - started });
    return usage;
  }
}

import { createReadStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import type { AbortOptions } from '../abort-options.ts';
import { Semaphore } from '../semaphore.ts';
import type { BlobInfo, BlobStore } from './blob-store.ts';
import type { PreparedBlob } from './image-record.ts';
import type { ModulePreparer } from './module-preparer.ts';
import { SharedFlight } from './shared-flight.ts';
import type { StoreLayout } from './store-layout.ts';

export interface PreparationsComponents {
  readonly layout: StoreLayout;
  readonly blobs: BlobStore;
  readonly preparer: ModulePreparer;
}

/** Each may take a processor for itself, and gigabytes. */
const mostAtOnce = Math.min(2, availableParallelism());

/**
 * Has modules prepared, two at once: those who want the same one at the same time wait for one
 * preparation.
 */
export class Preparations {
  readonly #layout: StoreLayout;
  readonly #blobs: BlobStore;
  readonly #preparer: ModulePreparer;
  readonly #running = new SharedFlight<PreparedBlob>();
  readonly #places = new Semaphore(mostAtOnce);

  constructor({ layout, blobs, preparer }: PreparationsComponents) {
    this.#layout = layout;
    this.#blobs = blobs;
    this.#preparer = preparer;
  }

  /** Whether this preparer has made it, rather than an earlier one. */
  isCurrent(prepared: PreparedBlob | undefined): boolean {
    return prepared?.version === this.#preparer.version;
  }

  /**
   * The blob that the module starts from, its own where nothing better was made.
   *
   * @throws {Error} that says why the module cannot be run, without its name
   */
  async prepare(module: BlobInfo, options: AbortOptions): Promise<PreparedBlob> {
    return await this.#running.join(
      module.digest,
      (shared) => this.#places.run(() => this.#prepareAlone(module, shared), shared),
      options,
    );
  }

  async #prepareAlone(module: BlobInfo, options: AbortOptions): Promise<PreparedBlob> {
    const { version } = this.#preparer;
    const file = this.#blobs.path(module.digest);
    const target = this.#layout.temporaryFile();
    try {
      const { about, original } = await this.#preparer.prepare(file, target, options);
      if (original) return { ...module, version, about };
      const content = createReadStream(target, options);
      return { ...(await this.#blobs.add(content, `what '${file}' starts from`)), version, about };
    } finally {
      await rm(target, { force: true });
    }
  }
}

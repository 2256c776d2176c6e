import type { AbortOptions } from '../abort-options.ts';
import type { Descriptor } from '../content/descriptor.ts';
import { localModulePath } from '../reference/local-module.ts';
import { parseReference } from '../reference/parse-reference.ts';
import type { ImageRecord } from '../store/image-record.ts';
import type { ImageStore } from '../store/image-store.ts';
import type { PullSession } from './pull-session.ts';

/**
 * Decides for one pull which blobs that are here it may take without bringing them: who knows a digest
 * has not shown that he may have the content, and his own registry would say anything.
 */
export class BlobSharing {
  readonly #store: ImageStore;
  readonly #session: PullSession;
  readonly #registry: string;
  #images: Promise<readonly ImageRecord[]> | undefined;

  constructor(store: ImageStore, session: PullSession, registry: string) {
    this.#store = store;
    this.#session = session;
    this.#registry = registry;
  }

  /**
   * Whether the blob is part of an image that anybody may have, or that these credentials have pulled; or
   * this registry, which is where it came from once, says that they may have it.
   */
  async mayTake(blob: Descriptor, options: AbortOptions): Promise<boolean> {
    this.#images ??= this.#store.list();
    const holders = (await this.#images).filter(({ blobs }) =>
      blobs.some(({ digest }) => digest === blob.digest),
    );
    if (holders.some(({ access }) => access.public)) return true;
    const here = holders.filter(({ name }) => registryOf(name) === this.#registry);
    if (here.length === 0) return false;
    const { credential } = this.#session;
    const credentials = credential === undefined ? [] : [credential];
    for (const { access } of here) {
      if (await this.#store.access.allows(access, this.#registry, credentials)) return true;
    }
    return await this.#session.hasBlob(blob, options);
  }
}

/** Where an image came from; `undefined` for a local module. */
function registryOf(name: string): string | undefined {
  return localModulePath(name) === undefined ? parseReference(name).registry : undefined;
}

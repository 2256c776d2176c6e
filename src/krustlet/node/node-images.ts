import { statfs } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { NodeImage } from '../../kubernetes/resources/node.ts';
import { sizeOf } from '../../oci/store/image-record.ts';
import type { ImageStore } from '../../oci/store/image-store.ts';
import type { NodeLogger } from './node-logger.ts';

/** Most images that a Node's status lists, as stock kubelets have it. */
const maxListed = 50;

/** How often the disk is looked at, in milliseconds. */
const interval = 5 * 60_000;

export interface NodeImagesComponents {
  readonly store: ImageStore;
  readonly directory: string;
  /** References of images that pods of this node name. */
  readonly inUse: () => ReadonlySet<string>;
  readonly log: NodeLogger;
}

/** Percentages of the disk. */
export interface NodeImagesInit {
  readonly highThreshold: number;
  readonly lowThreshold: number;
}

/** The images of a node: what its status says of them, and the removal of those that nobody uses. */
export class NodeImages {
  readonly #components: NodeImagesComponents;
  readonly #init: NodeImagesInit;

  constructor(components: NodeImagesComponents, init: NodeImagesInit) {
    this.#components = components;
    this.#init = init;
  }

  /** The largest images, as a Node lists them. */
  async list(): Promise<readonly NodeImage[]> {
    const images = await this.#components.store.list();
    return images
      .map((image) => ({ names: [image.name], sizeBytes: sizeOf(image) }))
      .sort((one, other) => other.sizeBytes - one.sizeBytes)
      .slice(0, maxListed);
  }

  /** Frees the disk of unused images when it fills up, until the signal aborts. */
  async run({ signal }: { readonly signal: AbortSignal }): Promise<void> {
    while (!signal.aborted) {
      try {
        await this.#collect(signal);
      } catch (error) {
        if (!signal.aborted) this.#components.log.error('Cannot remove unused images', error);
      }
      await sleep(interval, undefined, { signal }).catch(() => undefined);
    }
  }

  /** Removes all images that nobody uses and that are not quite new. */
  async reclaim(): Promise<void> {
    const { store, inUse } = this.#components;
    await store.collectGarbage({ inUse: inUse(), bytesToFree: Number.MAX_SAFE_INTEGER });
  }

  async #collect(signal: AbortSignal): Promise<void> {
    const { store, directory, inUse, log } = this.#components;
    const { blocks, bavail, bsize } = await statfs(directory);
    const usedPercent = 100 - (bavail * 100) / blocks;
    if (usedPercent < this.#init.highThreshold) return;
    const bytesToFree = ((usedPercent - this.#init.lowThreshold) * blocks * bsize) / 100;
    const { images, freedBytes } = await store.collectGarbage(
      { inUse: inUse(), bytesToFree },
      { signal },
    );
    const names = images.map(({ name }) => name).join(', ') || 'none';
    log.info(
      `The disk is ${Math.round(usedPercent)} % full: freed ${freedBytes} bytes of images (${names})`,
    );
  }
}

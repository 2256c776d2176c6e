import { statfs } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { UnpackedImages } from '../../kubelet/images/unpacked-images.ts';
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
  readonly unpacked: UnpackedImages;
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
    await this.#attempt(signal, () => this.#components.unpacked.collectGarbage({ isShort: false }));
    while (!signal.aborted) {
      await this.#attempt(signal, () => this.#collect(signal));
      await sleep(interval, undefined, { signal }).catch(() => undefined);
    }
  }

  /** Removes all images that nobody uses and that are not quite new. */
  async reclaim(): Promise<void> {
    const { store, unpacked, inUse } = this.#components;
    await unpacked.collectGarbage({ isShort: true });
    await store.collectGarbage({ inUse: inUse(), bytesToFree: Number.MAX_SAFE_INTEGER });
  }

  async #attempt(signal: AbortSignal, operation: () => Promise<unknown>): Promise<void> {
    try {
      await operation();
    } catch (error) {
      if (!signal.aborted) this.#components.log.error('Cannot remove unused images', error);
    }
  }

  async #collect(signal: AbortSignal): Promise<void> {
    const { store, unpacked, directory, inUse, log } = this.#components;
    const { blocks, bavail, bsize } = await statfs(directory);
    const usedPercent = 100 - (bavail * 100) / blocks;
    if (usedPercent < this.#init.highThreshold) return;
    const bytesToFree = ((usedPercent - this.#init.lowThreshold) * blocks * bsize) / 100;
    const unpackedBytes = await unpacked.collectGarbage({ isShort: true });
    const { images, freedBytes } = await store.collectGarbage(
      { inUse: inUse(), bytesToFree: bytesToFree - unpackedBytes },
      { signal },
    );
    const names = images.map(({ name }) => name).join(', ') || 'none';
    log.info(
      `The disk is ${Math.round(usedPercent)} % full: freed ${freedBytes} bytes of images (${names}), ${unpackedBytes} of their files`,
    );
  }
}

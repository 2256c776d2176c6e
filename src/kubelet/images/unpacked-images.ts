import { mkdir, stat } from 'node:fs/promises';
import path from 'node:path';
import type { AbortOptions } from '../../kubernetes/abort-options.ts';
import { digestParts } from '../../oci/content/digest.ts';
import { LayerStack } from '../../oci/layers/layer-stack.ts';
import { unpack } from '../../oci/layers/unpack.ts';
import type { ImageRecord } from '../../oci/store/image-record.ts';
import type { ImageStore } from '../../oci/store/image-store.ts';
import { ImageError } from './image-error.ts';

/** The files of images, unpacked once for each digest, for image volumes. */
export class UnpackedImages {
  readonly #store: ImageStore;
  readonly #directory: string;
  readonly #unpacking = new Map<string, Promise<void>>();

  /** @param directory absolute path, such as `DATA_DIR/images/unpacked` */
  constructor({ store, directory }: { readonly store: ImageStore; readonly directory: string }) {
    this.#store = store;
    this.#directory = directory;
  }

  /**
   * The directory with an image's files, which nobody may write to.
   *
   * @throws {ImageError} where the image holds a module and no files
   */
  async directoryOf(image: ImageRecord, options: AbortOptions = {}): Promise<string> {
    if (image.shape !== 'filesystem') {
      throw new ImageError('ImageInspectError', `image "${image.name}" holds a module, no files`);
    }
    const directory = path.join(this.#directory, digestParts(image.digest).hex);
    const isThere = await stat(directory).then(
      () => true,
      () => false,
    );
    if (isThere) return directory;
    const unpacking = this.#unpacking.get(directory) ?? this.#unpack(image, directory, options);
    this.#unpacking.set(directory, unpacking);
    try {
      await unpacking;
    } finally {
      this.#unpacking.delete(directory);
    }
    return directory;
  }

  async #unpack({ layers }: ImageRecord, directory: string, options: AbortOptions) {
    await mkdir(this.#directory, { recursive: true, mode: 0o755 });
    const files = layers.map(({ digest }) => this.#store.blobs.path(digest));
    const readAndUnpack = async () =>
      await unpack(await LayerStack.read(files, {}, options), directory, options);
    await this.#store.unpacking.run(readAndUnpack, options);
  }
}

import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, stat } from 'node:fs/promises';
import path from 'node:path';
import type { AbortOptions } from '../../kubernetes/abort-options.ts';
import { digestParts } from '../../oci/content/digest.ts';
import { LayerStack } from '../../oci/layers/layer-stack.ts';
import { temporaryName, unpack } from '../../oci/layers/unpack.ts';
import type { FileLock } from '../../oci/store/file-lock.ts';
import type { ImageRecord } from '../../oci/store/image-record.ts';
import type { ImageStore } from '../../oci/store/image-store.ts';
import { isAlive } from '../../oci/store/is-alive.ts';
import { SharedFlight } from '../../oci/store/shared-flight.ts';
import type { PodDirectories } from '../pods/pod-directories.ts';
import { ImageError } from './image-error.ts';
import { isUsed, noteUse } from './image-uses.ts';
import { reclaimTree } from './reclaim-tree.ts';

export interface UnpackedImagesComponents {
  readonly store: ImageStore;
  /** Of the pods on this machine. */
  readonly directories: PodDirectories;
  /** Absolute path, such as `DATA_DIR/images/unpacked`. */
  readonly directory: string;
}

/** Where a maker's id tells nothing, what is older than this is given up. */
const abandonedAgeMs = 24 * 3_600_000;

/** The files of images, unpacked once for each digest, for image volumes. */
export class UnpackedImages {
  readonly #components: UnpackedImagesComponents;
  readonly #unpacking = new SharedFlight<void>();
  /** Held while a use is noted, or something is taken away that nobody uses. */
  readonly #lock: FileLock;

  constructor(components: UnpackedImagesComponents) {
    this.#components = components;
    this.#lock = components.store.lock('unpacked');
  }

  /**
   * The directory with an image's files, which nobody may write to. It stays for as long as the pod does
   * whose volume it is for.
   *
   * @param volume directory of the volume, among those of the pod
   * @throws {ImageError} where the image holds a module and no files
   */
  async directoryOf(
    image: ImageRecord,
    volume: string,
    options: AbortOptions = {},
  ): Promise<string> {
    if (image.shape !== 'filesystem') {
      throw new ImageError('ImageInspectError', `image "${image.name}" holds a module, no files`);
    }
    const name = digestParts(image.digest).hex;
    const directory = path.join(this.#components.directory, name);
    await mkdir(this.#components.directory, { recursive: true, mode: 0o755 });
    const note = async () => {
      // A pod that is gone meanwhile would not come back to remove the note.
      options.signal?.throwIfAborted();
      noteUse(volume, name);
    };
    await this.#lock.hold(note, options);
    if (existsSync(directory)) return directory;
    const run = (shared: AbortOptions) => this.#unpack(image, directory, shared);
    await this.#unpacking.join(directory, run, options);
    return directory;
  }

  /**
   * Removes what no pod uses: the files of images that are not here any more, or where space is short
   * those of all images, and what killed processes have left.
   *
   * @returns bytes of disk that became free
   */
  async collectGarbage({ isShort }: { readonly isShort: boolean }): Promise<number> {
    const { directory, store } = this.#components;
    if (!existsSync(directory)) return 0;
    const images = isShort ? [] : await store.list();
    const kept = new Set(images.map(({ digest }) => digestParts(digest).hex));
    let freed = 0;
    for (const entry of await readdir(directory, { withFileTypes: true })) {
      if (!entry.isDirectory() || kept.has(entry.name)) continue;
      const garbage = await this.#takeAway(entry.name);
      if (garbage !== undefined) freed += await reclaimTree(garbage);
    }
    return freed;
  }

  /** What may be removed, under a name that nobody opens. */
  async #takeAway(name: string): Promise<string | undefined> {
    const { directory, directories } = this.#components;
    const found = path.join(directory, name);
    if (name.endsWith('.tmp')) return (await isAbandoned(found)) ? found : undefined;
    return await this.#lock.hold(async () => {
      if (await isUsed(directories, name)) return undefined;
      const garbage = temporaryName(found);
      await rename(found, garbage);
      return garbage;
    });
  }

  async #unpack({ layers }: ImageRecord, directory: string, options: AbortOptions): Promise<void> {
    if (existsSync(directory)) return;
    const { store } = this.#components;
    const files = layers.map(({ digest }) => store.blobs.path(digest));
    const readAndUnpack = async () =>
      await unpack(await LayerStack.read(files, {}, options), directory, options);
    await store.unpacking.run(readAndUnpack, options);
  }
}

/** Whether the process that made it does not live any more, or was another of the same id. */
async function isAbandoned(directory: string): Promise<boolean> {
  const found = await stat(directory).catch(() => undefined);
  if (found === undefined) return false;
  const [, pid] = /\.(\d+)-[^.]*\.tmp$/.exec(directory) ?? [];
  if (Number(pid) === process.pid) return found.ctimeMs < performance.timeOrigin;
  if (pid !== undefined && !isAlive(Number(pid))) return true;
  return Date.now() - found.ctimeMs > abandonedAgeMs;
}

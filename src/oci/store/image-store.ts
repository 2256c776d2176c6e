import { readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import type { AbortOptions } from '../abort-options.ts';
import { type Clock, systemClock } from '../clock.ts';
import type { Digest } from '../content/digest.ts';
import { Semaphore } from '../semaphore.ts';
import { AccessKeeper } from './access-keeper.ts';
import { BlobStore, type BlobStoreInit } from './blob-store.ts';
import { chooseGarbage, type GarbageRequest } from './choose-garbage.ts';
import { FileLock } from './file-lock.ts';
import { ImageIndex } from './image-index.ts';
import { type ImageRecord, mergeAccess } from './image-record.ts';
import { isAlive } from './is-alive.ts';
import type { ModulePreparer } from './module-preparer.ts';
import { Preparations } from './preparations.ts';
import { PulledBlobs } from './pulled-blobs.ts';
import { StoreLayout } from './store-layout.ts';

export interface ImageStoreInit extends BlobStoreInit {
  /** Judges and prepares each module once, when it is pulled. Without one every module is taken. */
  readonly preparer?: ModulePreparer;
}

/** What was removed. */
export interface Removal {
  readonly images: readonly ImageRecord[];
  readonly freedBytes: number;
}

const maxUnpacking = 2;
/** Blobs that belong to no image may belong to a pull that is under way in another process. */
const orphanAgeMs = 3_600_000;
/** The same where space is short: a pull that loses something begins anew. */
const hastyOrphanAgeMs = 120_000;
const abandonedAgeMs = 24 * 3_600_000;
/** How stale the time of an image's last use may be: a start should not write to the disk. */
const useGranularityMs = 60_000;

/** The images on this machine, in a directory that processes share. */
export class ImageStore {
  readonly blobs: BlobStore;
  readonly access: AccessKeeper;
  readonly preparations: Preparations | undefined;
  readonly pulls = new PulledBlobs();
  /** What is held while an image is unpacked, which takes memory and a processor. */
  readonly unpacking = new Semaphore(maxUnpacking);
  readonly #layout: StoreLayout;
  readonly #index: ImageIndex;
  readonly #clock: Clock;

  /** @param directory Absolute path, such as `DATA_DIR/images`. */
  constructor({ directory }: { readonly directory: string }, init: ImageStoreInit = {}) {
    const layout = new StoreLayout(directory);
    this.#layout = layout;
    this.#clock = init.clock ?? systemClock;
    this.#index = new ImageIndex({ layout });
    this.blobs = new BlobStore({ layout }, init);
    const { blobs } = this;
    const { preparer } = init;
    this.preparations = preparer && new Preparations({ layout, blobs, preparer });
    this.access = new AccessKeeper({ layout });
  }

  /** Creates the directory, and clears away what killed processes left. Called before anything else. */
  async open(): Promise<void> {
    await this.#layout.create();
    await this.#clearTemporary();
  }

  /** All images, by name. */
  async list(): Promise<readonly ImageRecord[]> {
    const images = await this.#index.read();
    return [...images.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** The image of this name, if it is here with all its content. */
  async get(name: string): Promise<ImageRecord | undefined> {
    const record = (await this.#index.read()).get(name);
    if (record === undefined) return undefined;
    return (await this.#isWhole(record)) ? record : undefined;
  }

  /**
   * Records an image whose blobs were stored. What is known of who may have it, and what was made of
   * it, is kept while the name leads to the same content.
   *
   * @returns What is recorded now; `undefined` if one of its blobs was removed meanwhile.
   * @throws OciError `TooLarge` where the record would be, which says nothing of the blobs' sizes
   */
  async record(image: ImageRecord, options: AbortOptions = {}): Promise<ImageRecord | undefined> {
    let recorded: ImageRecord | undefined;
    await this.#index.update(async (images) => {
      if (!(await this.#isWhole(image))) return undefined;
      const old = images.get(image.name);
      recorded = image;
      if (old?.digest === image.digest) {
        recorded = (await this.#isWhole(old)) ? mergeMade(old, image) : image;
        recorded = { ...recorded, access: mergeAccess(old.access, recorded.access) };
      }
      return images.set(image.name, recorded);
    }, options);
    return recorded;
  }

  /** Notes that an image was used now, for the garbage collection. */
  async touch(image: ImageRecord): Promise<void> {
    const now = this.#clock.now();
    if (now - image.lastUsedAt < useGranularityMs) return;
    await this.#index.update(async (images) => {
      const record = images.get(image.name);
      return record && images.set(image.name, { ...record, lastUsedAt: now });
    });
  }

  /** Removes a name, and what belongs to no other image. */
  async remove(names: readonly string[], options: AbortOptions = {}): Promise<Removal> {
    return await this.#removeWhere((image) => names.includes(image.name), options);
  }

  /**
   * Frees space: removes images that are too old, and then the least recently used ones until
   * enough is freed. Blobs without an image go as well, once no pull can want them any more. Where
   * bytes are asked for, they go sooner, and so does what broken downloads have left.
   */
  async collectGarbage(request: GarbageRequest, options: AbortOptions = {}): Promise<Removal> {
    await this.#clearTemporary();
    const { bytesToFree = 0 } = request;
    const isShort = bytesToFree > 0;
    const partials = isShort ? await this.blobs.removePartials() : 0;
    const freed = partials + (await this.#removeOrphans(isShort ? hastyOrphanAgeMs : orphanAgeMs));
    const images = await this.list();
    const toFree = Math.max(0, bytesToFree - freed);
    const garbage = chooseGarbage(images, { ...request, bytesToFree: toFree }, this.#clock.now());
    const names = new Set(garbage.map(({ name }) => name));
    const removal = await this.#removeWhere((image) => names.has(image.name), options);
    return { ...removal, freedBytes: removal.freedBytes + freed };
  }

  /** A lock that processes share, beside the store's own ones. */
  lock(name: string): FileLock {
    return new FileLock(this.#layout.lock(name));
  }

  /** Bytes that all blobs take. */
  async usage(): Promise<{ readonly bytes: number; readonly blobs: number }> {
    const blobs = await this.blobs.list();
    return { bytes: blobs.reduce((sum, { size }) => sum + size, 0), blobs: blobs.length };
  }

  async #removeWhere(
    isRemoved: (image: ImageRecord) => boolean,
    options: AbortOptions,
  ): Promise<Removal> {
    let removal: Removal = { images: [], freedBytes: 0 };
    await this.#index.update(async (images) => {
      const removed = [...images.values()].filter(isRemoved);
      if (removed.length === 0) return undefined;
      for (const { name } of removed) images.delete(name);
      removal = { images: removed, freedBytes: await this.#removeBlobs(removed, images) };
      return images;
    }, options);
    return removal;
  }

  /** Removes blobs before the index says so: what is lost by a crash in between is pulled again. */
  async #removeBlobs(
    removed: readonly ImageRecord[],
    rest: ReadonlyMap<string, ImageRecord>,
  ): Promise<number> {
    const kept = referenced(rest.values());
    const sizes = new Map(removed.flatMap(({ blobs }) => blobs).map((b) => [b.digest, b.size]));
    let freed = 0;
    for (const [digest, size] of sizes) {
      if (kept.has(digest)) continue;
      await this.blobs.remove(digest);
      freed += size;
    }
    return freed;
  }

  async #removeOrphans(ageMs: number): Promise<number> {
    let freed = 0;
    await this.#index.update(async (images) => {
      const kept = referenced(images.values());
      const oldest = this.#clock.now() - ageMs;
      for (const { digest, size, touchedAt } of await this.blobs.list()) {
        if (kept.has(digest) || touchedAt > oldest || this.pulls.has(digest)) continue;
        await this.blobs.remove(digest);
        freed += size;
      }
      return undefined;
    });
    return freed;
  }

  async #isWhole({ blobs }: ImageRecord): Promise<boolean> {
    const present = await Promise.all(blobs.map((blob) => this.blobs.has(blob)));
    return present.every(Boolean);
  }

  async #clearTemporary(): Promise<void> {
    for (const directory of [this.#layout.temporary, this.#layout.brought]) {
      const names = await readdir(directory);
      await Promise.all(names.map((name) => this.#clearAway(path.join(directory, name))));
    }
  }

  async #clearAway(file: string): Promise<void> {
    const [, pid] = /^(\d+)-.*\.tmp$/.exec(path.basename(file)) ?? [];
    const found = await stat(file).catch(() => undefined);
    const isOld = found !== undefined && this.#clock.now() - found.mtimeMs > abandonedAgeMs;
    if (isOld || (pid !== undefined && !isAlive(Number(pid)))) await rm(file, { force: true });
  }
}

/** Another pull of the same content may have got further. */
function mergeMade(old: ImageRecord, image: ImageRecord): ImageRecord {
  const { module = old.module } = image;
  if (image.prepared !== undefined || module?.digest !== old.module?.digest) return image;
  const blobs = new Map([...old.blobs, ...image.blobs].map((blob) => [blob.digest, blob]));
  return { ...image, module, prepared: old.prepared, blobs: [...blobs.values()] };
}

function referenced(images: Iterable<ImageRecord>): ReadonlySet<Digest> {
  return new Set([...images].flatMap(({ blobs }) => blobs.map(({ digest }) => digest)));
}

import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { chmod, open, readdir, readFile, rename, rm, stat, utimes } from 'node:fs/promises';
import path from 'node:path';
import type { AbortOptions } from '../abort-options.ts';
import { type Clock, systemClock } from '../clock.ts';
import type { Descriptor } from '../content/descriptor.ts';
import {
  type Digest,
  digestOf,
  digestParts,
  finishDigest,
  isDigest,
  verifyDigest,
} from '../content/digest.ts';
import { codeOf } from '../error-code.ts';
import { isOciError, OciError } from '../errors.ts';
import { BlobOwners } from './blob-owners.ts';
import {
  type BlobSource,
  type DownloadInit,
  type DownloadOptions,
  downloadBlob,
} from './download-blob.ts';
import type { DownloadTurns } from './download-turns.ts';
import { FileLocks } from './file-locks.ts';
import { SharedFlight } from './shared-flight.ts';
import type { StoreLayout } from './store-layout.ts';
import { asDiskError, replaceFile, syncDirectory, writeFully } from './write-file.ts';

/** What a blob is called and how many bytes it has. */
export interface BlobInfo {
  readonly digest: Digest;
  readonly size: number;
}

export interface BlobStoreInit {
  /** Largest blob that is accepted, in bytes. @default 2 GiB */
  readonly maxBlobBytes?: number;
  readonly download?: DownloadInit;
  /** How long a download waits for another one of the same content from elsewhere. @default 30_000 */
  readonly patienceMs?: number;
  readonly clock?: Clock;
}

export interface BlobFetchOptions extends Pick<DownloadOptions, 'progress' | 'signal'> {
  /** Among which this download waits for its turn. */
  readonly turns?: DownloadTurns;
  /** Who asks where, in hexadecimal: only the same shares the download. @default '' */
  readonly owner?: string;
  /**
   * Whether who asks may have a blob that is here and that only others have brought; else it is brought
   * in full once more. @default always
   */
  readonly mayTake?: (options: AbortOptions) => Promise<boolean>;
}

interface FetchAloneOptions extends BlobFetchOptions {
  readonly owner: string;
}

const defaultMaxBlobBytes = 2 * 1024 ** 3;

/**
 * Content by its digest. A blob is there in full, verified and read-only, or it is not there.
 * Processes may share the directory.
 */
export class BlobStore {
  readonly #layout: StoreLayout;
  readonly #init: BlobStoreInit;
  readonly #clock: Clock;
  readonly #downloads = new SharedFlight<void>();
  readonly #owners: BlobOwners;
  readonly #listeners = new Map<string, Set<(received: number) => void>>();
  readonly #locks: FileLocks;

  constructor({ layout }: { layout: StoreLayout }, init: BlobStoreInit = {}) {
    this.#layout = layout;
    this.#init = init;
    this.#owners = new BlobOwners({ layout });
    this.#locks = new FileLocks(layout.lock('blobs-'));
    this.#clock = init.clock ?? systemClock;
  }

  /** Absolute path of a blob, whether or not it is there. */
  path(digest: Digest): string {
    return this.#layout.blob(digest);
  }

  /** Whether the blob is there. */
  async has({ digest, size }: BlobInfo): Promise<boolean> {
    const found = statSync(this.path(digest), { throwIfNoEntry: false });
    return found?.isFile() === true && found.size === size;
  }

  /** All of a small blob, such as a manifest, verified once more. */
  async read(digest: Digest): Promise<Uint8Array> {
    const bytes = await readFile(this.path(digest));
    verifyDigest(bytes, digest, `'${this.path(digest)}'`);
    return bytes;
  }

  /** Stores a small blob that is all in memory. */
  async put(bytes: Uint8Array, digest: Digest = digestOf(bytes)): Promise<BlobInfo> {
    const info = { digest, size: bytes.length };
    if (await this.#reuse(info)) return info;
    const temporary = this.#layout.temporaryFile();
    await replaceFile(this.path(digest), bytes, { temporary, mode: 0o444 });
    return info;
  }

  /**
   * Stores whatever a stream brings, once the check of the complete file has passed: what is a blob
   * may be another image's as well, and is not taken back.
   *
   * @throws OciError `TooLarge`, as soon as it is
   */
  async add(
    chunks: AsyncIterable<Uint8Array>,
    what: string,
    check: (file: string) => Promise<void> = async () => undefined,
  ): Promise<BlobInfo> {
    const temporary = this.#layout.temporaryFile();
    try {
      const info = await this.#copy(chunks, temporary, what);
      await check(temporary);
      await this.#adopt(temporary, info.digest);
      return info;
    } catch (error) {
      await rm(temporary, { force: true });
      throw asDiskError(error, `store ${what}`);
    }
  }

  /**
   * Makes sure that a blob is there, and that who asks has it by right. Callers of one owner that want
   * one blob share one download, also with other processes. That of another owner is waited for, but not
   * for long: a place that is slow must not keep back who asks another one.
   */
  async fetch(
    descriptor: Descriptor,
    source: BlobSource,
    { progress, turns, owner = '', mayTake, ...options }: BlobFetchOptions = {},
  ): Promise<void> {
    const { digest, size } = descriptor;
    this.#checkSize(size, `blob ${digest}`);
    const isHere = await this.#reuse(descriptor);
    if (isHere && (this.#owners.has(digest, owner) || (await mayTake?.(options)) !== false)) return;
    const key = `${digest} ${owner}`;
    const listeners = this.#listeners.get(key) ?? new Set();
    this.#listeners.set(key, listeners);
    if (progress) listeners.add(progress);
    try {
      const download = (shared: AbortOptions) =>
        this.#fetchAlone(descriptor, source, { ...shared, owner, ...(turns && { turns }) });
      await this.#downloads.join(key, download, options);
    } finally {
      if (progress) listeners.delete(progress);
      if (listeners.size === 0) this.#listeners.delete(key);
    }
  }

  async remove(digest: Digest): Promise<void> {
    await rm(this.path(digest), { force: true });
  }

  /**
   * Removes what downloads have left that are not going on, which would be continued.
   *
   * @returns bytes that became free
   */
  async removePartials(): Promise<number> {
    const { temporary } = this.#layout;
    let freed = 0;
    for (const name of await readdir(temporary)) {
      const [, hex] = /^([a-f0-9]+)(?:-[a-f0-9]+)?\.partial$/.exec(name) ?? [];
      if (hex === undefined) continue;
      const file = path.join(temporary, name);
      freed += (await this.#locks.of(hex).tryHold(() => removeFile(file))) ?? 0;
    }
    return freed;
  }

  /** All blobs, with the time when they were last stored or asked for. */
  async list(): Promise<readonly (BlobInfo & { readonly touchedAt: number })[]> {
    const algorithms = await readdir(this.#layout.blobs);
    const found = await Promise.all(algorithms.map((algorithm) => this.#listOf(algorithm)));
    return found.flat();
  }

  async #listOf(algorithm: string) {
    const names = await readdir(path.join(this.#layout.blobs, algorithm));
    const digests = names.map((hex) => `${algorithm}:${hex}`).filter(isDigest);
    const infos = digests.map(async (digest) => {
      const found = await stat(this.path(digest)).catch(() => undefined);
      return found && { digest, size: found.size, touchedAt: found.mtimeMs };
    });
    return (await Promise.all(infos)).filter((info) => info !== undefined);
  }

  async #fetchAlone(
    descriptor: Descriptor,
    source: BlobSource,
    { turns, owner, ...options }: FetchAloneOptions,
  ): Promise<void> {
    const { digest } = descriptor;
    const progress = (received: number) => {
      for (const listener of this.#listeners.get(`${digest} ${owner}`) ?? []) listener(received);
    };
    const download = async (file: string) => {
      // Another process of the same owner may have brought it while this one waited.
      if (this.#owners.has(digest, owner) && (await this.has(descriptor))) return;
      using turn = await turns?.take(options);
      await this.#download(descriptor, source, file, { ...options, progress, turn });
      this.#owners.note(digest, owner);
      if (await this.#reuse(descriptor)) await rm(file);
      else await this.#adopt(file, digest);
    };
    const patience = this.#init.patienceMs ?? 30_000;
    const shared = () => download(this.#layout.partial(digest, owner));
    const lock = this.#locks.of(digestParts(digest).hex);
    if (await lock.holdWithin(patience, shared, options)) return;
    const own = this.#layout.temporaryFile();
    try {
      await download(own);
    } finally {
      await rm(own, { force: true });
    }
  }

  async #download(
    descriptor: Descriptor,
    source: BlobSource,
    partial: string,
    options: DownloadOptions,
  ): Promise<void> {
    try {
      const init = { clock: this.#clock, ...this.#init.download };
      await downloadBlob(source, descriptor, partial, init, options);
    } catch (error) {
      if (isOciError(error, 'DigestMismatch', 'InvalidResponse', 'DiskFull')) {
        await rm(partial, { force: true });
      }
      throw error;
    }
  }

  async #copy(chunks: AsyncIterable<Uint8Array>, file: string, what: string): Promise<BlobInfo> {
    await using handle = await open(file, 'wx', 0o600);
    const hash = createHash('sha256');
    let size = 0;
    for await (const chunk of chunks) {
      this.#checkSize(size + chunk.length, what);
      await writeFully(handle, chunk, size);
      hash.update(chunk);
      size += chunk.length;
    }
    await handle.sync();
    return { digest: finishDigest(hash), size };
  }

  async #adopt(file: string, digest: Digest): Promise<void> {
    await chmod(file, 0o444);
    await rename(file, this.path(digest));
    await this.#touch(digest);
    await syncDirectory(path.dirname(this.path(digest)));
  }

  /** Whether the blob is there, and will be for a while. */
  async #reuse(info: BlobInfo): Promise<boolean> {
    if (!(await this.has(info))) return false;
    try {
      await this.#touch(info.digest);
      return true;
    } catch (error) {
      // It was removed in between.
      if (codeOf(error) === 'ENOENT') return false;
      throw error;
    }
  }

  /** Keeps a blob that nothing refers to yet from being collected. */
  async #touch(digest: Digest): Promise<void> {
    const now = this.#clock.now() / 1000;
    await utimes(this.path(digest), now, now);
  }

  #checkSize(size: number, what: string): void {
    const limit = this.#init.maxBlobBytes ?? defaultMaxBlobBytes;
    if (size <= limit) return;
    throw new OciError('TooLarge', `store ${what}: ${size} bytes, ${limit} are allowed`);
  }
}

/** @returns bytes that it had */
async function removeFile(file: string): Promise<number> {
  const found = await stat(file).catch(() => undefined);
  await rm(file, { force: true });
  return found?.size ?? 0;
}

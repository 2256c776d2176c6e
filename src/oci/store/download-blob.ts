import type { Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import type { AbortOptions } from '../abort-options.ts';
import { type Clock, systemClock } from '../clock.ts';
import type { Descriptor } from '../content/descriptor.ts';
import {
  type Digest,
  digestMismatch,
  digestParts,
  finishDigest,
  hashFor,
} from '../content/digest.ts';
import { OciError } from '../errors.ts';
import { bodyChunks } from '../http/response.ts';
import { RetryableError, type RetryInit, retry } from '../http/retry.ts';
import type { Turn } from './download-turns.ts';
import { asDiskError, writeFully } from './write-file.ts';

/** Opens a blob at an offset; what comes may start earlier. */
export type BlobSource = (
  offset: number,
  options: AbortOptions,
) => Promise<{ readonly offset: number; readonly body: Readable }>;

export interface DownloadInit {
  /** How often in a row a download may break without much progress. @default 5 attempts */
  readonly retry?: RetryInit;
  readonly clock?: Clock;
  /** A download slower than this is broken off, and tried again. @default 1 KiB/s over 30 s */
  readonly minimumRate?: { readonly bytes: number; readonly milliseconds: number };
}

export interface DownloadOptions extends AbortOptions {
  /** Called with the bytes that are there so far. */
  readonly progress?: (received: number) => void;
  /** What it downloads by; without one it may as long as it takes. */
  readonly turn?: Turn | undefined;
}

/** Less than this between two breaks is no progress, or a server could drip for ever. */
const worthyProgress = 1_048_576;
const defaultMinimumRate = { bytes: 30 * 1024, milliseconds: 30_000 };

/**
 * Downloads a blob into a file and verifies all of it. Goes on from what the file has already,
 * and resumes when the connection breaks. When it resolves, the file is synced and is what the
 * descriptor promises; when it fails with `DigestMismatch`, the file must not be used again.
 */
export async function downloadBlob(
  source: BlobSource,
  descriptor: Descriptor,
  file: string,
  init: DownloadInit = {},
  options: DownloadOptions = {},
): Promise<void> {
  try {
    await using handle = await open(file, 'a+', 0o600);
    const download = new Download(handle, descriptor, init);
    await download.takeUp(file, options);
    await download.run(source, options);
    // What is bad may be what an earlier download left: one that is all of a piece decides.
    if (!download.isSound() && download.isPieced) {
      await download.startOver();
      await download.run(source, options);
    }
    download.verify();
    await handle.sync();
  } catch (error) {
    throw asDiskError(error, `store blob ${descriptor.digest}`);
  }
}

class Download {
  readonly #handle: FileHandle;
  readonly #descriptor: Descriptor;
  readonly #init: DownloadInit;
  readonly #clock: Clock;
  #hash: Hash;
  #received = 0;
  /** How many answers the bytes are from, or what the file had before. */
  #pieces = 0;

  constructor(handle: FileHandle, descriptor: Descriptor, init: DownloadInit) {
    this.#handle = handle;
    this.#descriptor = descriptor;
    this.#init = init;
    this.#clock = init.clock ?? systemClock;
    this.#hash = hashFor(descriptor.digest);
  }

  /** Reads what an earlier download left; the hash at the end decides whether it was any good. */
  async takeUp(file: string, { signal, progress }: DownloadOptions): Promise<void> {
    const { size } = await this.#handle.stat();
    if (size > this.#descriptor.size) return await this.#handle.truncate(0);
    if (size === 0) return;
    const options = signal === undefined ? {} : { signal };
    for await (const chunk of createReadStream(file, options)) this.#hash.update(chunk);
    this.#received = size;
    this.#pieces++;
    progress?.(size);
  }

  async run(source: BlobSource, options: DownloadOptions): Promise<void> {
    const { size } = this.#descriptor;
    while (this.#received < size) {
      const before = this.#received;
      const attempt = () => this.#attempt(source, options, before);
      await retry(attempt, { clock: this.#clock, ...this.#init.retry }, options);
    }
  }

  get isPieced(): boolean {
    return this.#pieces > 1;
  }

  isSound(): boolean {
    return this.#actualDigest() === this.#descriptor.digest;
  }

  verify(): void {
    if (this.isSound()) return;
    throw digestMismatch('a downloaded blob', this.#descriptor.digest, this.#actualDigest());
  }

  async startOver(): Promise<void> {
    await this.#handle.truncate(0);
    this.#hash = hashFor(this.#descriptor.digest);
    this.#received = 0;
    this.#pieces = 0;
  }

  #actualDigest(): Digest {
    return finishDigest(this.#hash.copy(), digestParts(this.#descriptor.digest).algorithm);
  }

  /** Ends quietly when it broke after much progress: the caller's loop then begins a new count. */
  async #attempt(source: BlobSource, options: DownloadOptions, before: number): Promise<void> {
    try {
      const { offset, body } = await source(this.#received, options);
      try {
        await this.#receive(body, offset, options);
      } finally {
        body.destroy();
      }
    } catch (error) {
      options.signal?.throwIfAborted();
      if (error instanceof RetryableError && this.#received - before >= worthyProgress) return;
      throw error;
    }
  }

  async #receive(body: Readable, offset: number, options: DownloadOptions): Promise<void> {
    const { progress, turn, signal } = options;
    const { size } = this.#descriptor;
    let pace = this.#newPace();
    let position = offset;
    this.#pieces++;
    for await (const chunk of bodyChunks(body, this.#what)) {
      const known = Math.min(Math.max(this.#received - position, 0), chunk.length);
      position += chunk.length;
      if (position > size) throw this.#invalid(`more than its ${size} bytes are sent`);
      await this.#append(chunk.subarray(known));
      progress?.(this.#received);
      if (pace.isTooSlow(chunk.length)) throw this.#breakOff('too slow');
      if (await turn?.spend(chunk.length, { signal })) pace = this.#newPace();
    }
    if (position < size) throw this.#breakOff(`it ended after ${position} of ${size} bytes`);
  }

  async #append(chunk: Uint8Array): Promise<void> {
    await writeFully(this.#handle, chunk, this.#received);
    this.#hash.update(chunk);
    this.#received += chunk.length;
  }

  #newPace(): Pace {
    return new Pace(this.#init.minimumRate ?? defaultMinimumRate, this.#clock);
  }

  get #what(): string {
    return `blob ${this.#descriptor.digest}`;
  }

  #invalid(why: string): OciError {
    return new OciError('InvalidResponse', `read ${this.#what}: ${why}`);
  }

  #breakOff(why: string): RetryableError {
    return new RetryableError(
      new OciError('RegistryUnavailable', `read ${this.#what}: the download broke: ${why}`),
    );
  }
}

/** Watches that bytes come fast enough. */
class Pace {
  readonly #minimum: { readonly bytes: number; readonly milliseconds: number };
  readonly #clock: Clock;
  #since: number;
  #bytes = 0;

  constructor(minimum: { bytes: number; milliseconds: number }, clock: Clock) {
    this.#minimum = minimum;
    this.#clock = clock;
    this.#since = clock.now();
  }

  isTooSlow(bytes: number): boolean {
    this.#bytes += bytes;
    const now = this.#clock.now();
    if (now - this.#since < this.#minimum.milliseconds) return false;
    const isTooSlow = this.#bytes < this.#minimum.bytes;
    this.#since = now;
    this.#bytes = 0;
    return isTooSlow;
  }
}

import { type BigIntStats, constants } from 'node:fs';
import { type FileHandle, lstat, open, opendir } from 'node:fs/promises';
import type { AbortOptions } from '../provider.ts';

export interface DirectoryUsage {
  /** Bytes of disk that the files take. */
  readonly usedBytes: number;
  readonly inodes: number;
  /** Whether all was counted; else there is more. */
  readonly isComplete: boolean;
}

export interface MeasureOptions extends AbortOptions {
  /** How many files are counted, directories included. @default a million */
  readonly mostInodes?: number;
}

/** Deeper is not looked: each directory on the way to a file is held open. */
const deepest = 100;

/** So many files that have several names are told apart; the names of others count one by one. */
const mostShared = 100_000;

/**
 * Measures a directory tree as `du` does: links are not followed, hard links count once. Containers
 * may change it meanwhile: each directory is opened in the one before, so that none is left, however
 * it is renamed, and no path is too long.
 */
export async function measureDirectory(
  directory: string,
  { mostInodes = 1_000_000, signal }: MeasureOptions = {},
): Promise<DirectoryUsage> {
  const measurement = new Measurement({ mostInodes, signal });
  await measurement.add(directory, constants.O_RDONLY);
  const { usedBytes, inodes, isComplete } = measurement;
  return { usedBytes, inodes, isComplete };
}

class Measurement implements DirectoryUsage {
  usedBytes = 0;
  inodes = 0;
  isComplete = true;
  readonly #mostInodes: number;
  readonly #signal: AbortSignal | undefined;
  readonly #shared = new Set<bigint>();

  constructor({ mostInodes, signal }: { mostInodes: number; signal: AbortSignal | undefined }) {
    this.#mostInodes = mostInodes;
    this.#signal = signal;
  }

  /** Adds what is in a directory, as many entries at a time as are read at once. */
  async add(directory: string | Buffer, flags: number, depth = 0): Promise<void> {
    await using folder = await openDirectory(directory, flags);
    if (folder === undefined) return;
    const inside = `/proc/self/fd/${folder.fd}`;
    // Each byte of a name as one character: it need not be UTF-8.
    for await (const { name } of await opendir(inside, { encoding: 'latin1' })) {
      this.#signal?.throwIfAborted();
      if (this.inodes >= this.#mostInodes) this.isComplete = false;
      if (!this.isComplete) return;
      await this.#addEntry(Buffer.from(`${inside}/${name}`, 'latin1'), depth);
    }
  }

  async #addEntry(entry: Buffer, depth: number): Promise<void> {
    const stat = await lstat(entry, { bigint: true }).catch(ignoreMissing);
    if (stat === undefined || this.#isKnown(stat)) return;
    this.inodes += 1;
    this.usedBytes += Number(stat.blocks) * 512;
    if (!stat.isDirectory()) return;
    if (depth === deepest) this.isComplete = false;
    else await this.add(entry, constants.O_RDONLY | constants.O_NOFOLLOW, depth + 1);
  }

  #isKnown(stat: BigIntStats): boolean {
    if (stat.nlink === 1n || stat.isDirectory()) return false;
    if (this.#shared.has(stat.ino)) return true;
    if (this.#shared.size < mostShared) this.#shared.add(stat.ino);
    return false;
  }
}

/** What vanishes while it is measured takes no space. */
async function openDirectory(
  directory: string | Buffer,
  flags: number,
): Promise<FileHandle | undefined> {
  return await open(directory, flags | constants.O_DIRECTORY).catch(ignoreMissing);
}

function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (!['ENOENT', 'ENOTDIR', 'ELOOP'].includes(error.code ?? '')) throw error;
}

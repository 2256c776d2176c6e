import type { FileHandle } from 'node:fs/promises';
import { parseLogEntry } from './log-entry.ts';
import { type LogQuery, wantsStream } from './log-query.ts';

const blockSize = 64 * 1024;
const newline = 0x0a;

export interface TailInit {
  /** Bytes after which the lines that were found are enough. @default no number is */
  readonly mostBytes?: number | undefined;
  /** Ends the search: what was found by then is the tail. */
  readonly signal?: AbortSignal | undefined;
}

/** Counts lines from the end of a log, file by file, newest first. */
export class TailCounter {
  readonly #query: LogQuery;
  readonly #signal: AbortSignal | undefined;
  #missing: number;
  #bytesLeft: number;
  #sawEntry = false;

  constructor(query: LogQuery & { readonly tailLines: number }, init: TailInit = {}) {
    this.#query = query;
    this.#missing = query.tailLines;
    this.#bytesLeft = init.mostBytes ?? Number.POSITIVE_INFINITY;
    this.#signal = init.signal;
  }

  /**
   * Reads the file from its end, as much of it as the lines take. Returns where the first wanted
   * line begins, or `undefined` if it begins in an older file.
   */
  async findStart(file: FileHandle, size: number): Promise<number | undefined> {
    if ((this.#missing === 0 && !this.#sawEntry) || this.#isEnough) return size;
    let following: Buffer = Buffer.alloc(0);
    for (let end = size; end > 0; ) {
      const start = Math.max(0, end - blockSize);
      const block = Buffer.concat([await readAt(file, start, end - start), following]);
      // The first line of a block may have begun in the block before.
      const firstLine = start === 0 ? 0 : block.indexOf(newline) + 1 || block.length;
      const found = this.#countBackwards(block, firstLine);
      if (found !== undefined) return start + found;
      this.#bytesLeft -= end - start;
      if (this.#isEnough) return start + firstLine;
      // Entries are shorter than a block: a longer line is none.
      following = firstLine > blockSize ? Buffer.alloc(0) : block.subarray(0, firstLine);
      end = start;
    }
    return undefined;
  }

  get #isEnough(): boolean {
    return this.#bytesLeft <= 0 || this.#signal?.aborted === true;
  }

  #countBackwards(block: Buffer, firstLine: number): number | undefined {
    let end = block.lastIndexOf(newline);
    while (end >= firstLine) {
      const start = end === 0 ? 0 : block.lastIndexOf(newline, end - 1) + 1;
      if (this.#isOneTooMany(block, start, end)) return end + 1;
      end = start - 1;
    }
    return undefined;
  }

  /** Whether the entry ends a line that is older than the wanted ones. */
  #isOneTooMany(block: Buffer, start: number, end: number): boolean {
    const entry = parseLogEntry(block, start, end);
    if (entry === undefined || !wantsStream(this.#query, entry)) return false;
    const endsLine = !entry.partial || !this.#sawEntry;
    this.#sawEntry = true;
    if (!endsLine) return false;
    this.#missing -= 1;
    return this.#missing < 0;
  }
}

async function readAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  const { bytesRead } = await file.read(buffer, 0, length, position);
  return buffer.subarray(0, bytesRead);
}

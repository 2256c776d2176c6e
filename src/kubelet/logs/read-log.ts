import path from 'node:path';
import { DirectoryWatch } from './directory-watch.ts';
import {
  closeAll,
  type LogFile,
  type LogOnDisk,
  openLogFiles,
  openNextLogFile,
} from './log-files.ts';
import { type LogChunk, LogPrinter } from './log-printer.ts';
import type { LogQuery } from './log-query.ts';
import { TailCounter } from './tail-counter.ts';

export interface ReadLogOptions {
  /** Aborted when the container has ended, so that a follower ends once it has read the rest. */
  readonly ended?: AbortSignal;
  /** Ends the iteration; what was read before is delivered. */
  readonly signal?: AbortSignal;
  /** Bytes of the log that are searched at most for the lines of a tail. @default all */
  readonly mostTailBytes?: number;
  /** Called once it is settled where reading begins: what is written from then on is delivered. */
  readonly onPositioned?: () => void;
}

const blockSize = 64 * 1024;

/**
 * Reads the log of one container attempt over all its files, as the query asks. Reads no further
 * than the consumer does; a follower waits for the kernel to tell of a change and sees a line as
 * soon as it is written. It ends when the container has ended or its log is removed. A log that
 * does not exist is empty, and a follower waits for it.
 *
 * @throws where the log cannot be read, or a follower finds no directory
 */
export async function* readLog(
  log: LogOnDisk,
  query: LogQuery = {},
  options: ReadLogOptions = {},
): AsyncGenerator<LogChunk, void, undefined> {
  // Watched before anything is read: what is written in between wakes the first wait.
  using watch = query.follow === true ? new DirectoryWatch(path.dirname(log.path)) : undefined;
  const reader = new LogReader(new LogPrinter(query), options.signal);
  const files = await openLogFiles(log);
  await using last = new CurrentFile(files.at(-1));
  try {
    const positioned = await positionFiles(files, query, options);
    options.onPositioned?.();
    yield* reader.readAll(positioned);
  } finally {
    await closeAll(files.slice(0, -1));
  }
  if (watch !== undefined) yield* follow(log, last, reader, watch, options);
}

/** Reads what is written from now on, over rotations, until there is nothing more to come. */
async function* follow(
  log: LogOnDisk,
  current: CurrentFile,
  reader: LogReader,
  watch: DirectoryWatch,
  { ended, signal }: ReadLogOptions,
): AsyncGenerator<LogChunk, void, undefined> {
  const wake = AbortSignal.any([ended, signal].filter((each) => each !== undefined));
  while (!reader.done) {
    // Asked before reading, so that all that was written before the end is read after it.
    const isLastRound = ended?.aborted === true;
    yield* reader.readOn(current.file);
    const next = await openNextLogFile(log, current.file);
    if (next.kind === 'next') {
      // The old file gained its last lines before the new one existed.
      yield* reader.readOn(current.file);
      await current.replace(next.file);
      reader.startNew();
    } else if (next.kind === 'removed') {
      yield* reader.readOn(current.file);
      return;
    } else if (isLastRound) {
      return;
    } else {
      await watch.change(wake);
    }
  }
}

/** Holds the file that a reader stands in. */
class CurrentFile implements AsyncDisposable {
  file: LogFile | undefined;

  constructor(file: LogFile | undefined) {
    this.file = file;
  }

  async replace(file: LogFile): Promise<void> {
    await this[Symbol.asyncDispose]();
    this.file = file;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.file?.handle.close();
  }
}

/** A file and where to go on reading it. */
interface PositionedFile extends LogFile {
  readonly position: number;
}

/** Leaves out files, and parts of the first one, that hold only lines before the wanted tail. */
async function positionFiles(
  files: readonly LogFile[],
  query: LogQuery,
  { mostTailBytes: mostBytes, signal }: ReadLogOptions,
): Promise<readonly PositionedFile[]> {
  const { tailLines } = query;
  if (tailLines === undefined) return files.map((file) => ({ ...file, position: 0 }));
  const counter = new TailCounter({ ...query, tailLines }, { mostBytes, signal });
  const wanted: PositionedFile[] = [];
  for (const file of files.toReversed()) {
    const { size } = await file.handle.stat();
    const start = await counter.findStart(file.handle, size);
    wanted.unshift({ ...file, position: start ?? 0 });
    if (start !== undefined) break;
  }
  return wanted;
}

/** Reads files to their ends and remembers how far it got in the last one. */
class LogReader {
  readonly #printer: LogPrinter;
  readonly #signal: AbortSignal | undefined;
  readonly #block = Buffer.allocUnsafeSlow(blockSize);
  #position = 0;

  constructor(printer: LogPrinter, signal: AbortSignal | undefined) {
    this.#printer = printer;
    this.#signal = signal;
  }

  get done(): boolean {
    return this.#printer.done || this.#signal?.aborted === true;
  }

  async *readAll(files: readonly PositionedFile[]): AsyncGenerator<LogChunk, void, undefined> {
    for (const file of files) {
      this.#position = file.position;
      yield* this.readOn(file);
    }
  }

  /** Makes the next reading begin at the start of its file. */
  startNew(): void {
    this.#position = 0;
  }

  /** Reads from where the last reading of this file ended to its present end. */
  async *readOn(file: LogFile | undefined): AsyncGenerator<LogChunk, void, undefined> {
    while (file !== undefined && !this.done) {
      const { bytesRead } = await file.handle.read(this.#block, 0, blockSize, this.#position);
      if (bytesRead === 0) return;
      this.#position += bytesRead;
      yield* this.#printer.print(this.#block.subarray(0, bytesRead));
    }
  }
}

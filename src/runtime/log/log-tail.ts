import { getSystemErrorName } from 'node:util';
import { openFlag } from '../../wasi/libc/open-flags.ts';
import { openFile } from '../../wasi/libc/plain-file.ts';
import { shareFile } from '../../wasi/libc/shared-file.ts';

/** The longest content of one entry, in bytes, as containerd has it. */
export const maxContent = 16 * 1024;

export const logStreamNames = ['stdout', 'stderr'] as const;
export type LogStreamName = (typeof logStreamNames)[number];

const ownFile = openFlag.readWrite | openFlag.create | openFlag.noFollow;
const headerSize = 16;
const size = headerSize + logStreamNames.length * maxContent;

/** Threads of a container whose lines are kept apart from each other. */
export const mostTails = 65;

/**
 * The unfinished last lines of a log, in a file that survives the writer: a line that a killed
 * guest had begun is not lost. The file is a tail, and behind it those of further threads: each of them
 * the lengths, 32 bits each, and a place for each stream.
 */
export class LogTail {
  readonly #index: number;
  #fd: number | undefined;
  #parts: LogTailParts | undefined;

  /** @param index which of the tails in the file, below {@link mostTails} */
  constructor(index = 0) {
    this.#index = index;
  }

  /** Opens the file; while the process may. Without it, the tail lives and dies with the process. */
  open(path: string): void {
    this.#fd = openLogTail(path);
  }

  /** Another tail in the same file. */
  beside(index: number): LogTail {
    const other = new LogTail(index);
    other.#fd = this.#fd;
    return other;
  }

  /** The parts; asked for when there is something to keep. */
  get parts(): LogTailParts {
    this.#parts ??= logTailParts(this.#memory(), this.#index);
    return this.#parts;
  }

  /** Where the disk has no room for it, the tail is kept, but does not survive. */
  #memory(): ArrayBuffer {
    const length = (this.#index + 1) * size;
    const shared = this.#fd === undefined ? -1 : shareFile(this.#fd, length);
    return typeof shared === 'number' ? new ArrayBuffer(length) : shared;
  }
}

/**
 * Opens the file of the tails, and makes it where nobody has. It takes no room before it is used.
 *
 * @throws where it cannot be made
 */
export function openLogTail(path: string): number {
  const fd = openFile(path, ownFile, 0o600);
  if (fd < 0) throw new Error(`Cannot create '${path}': ${getSystemErrorName(fd)}`);
  return fd;
}

export interface LogTailParts {
  readonly lengths: Uint32Array;
  readonly contents: Readonly<Record<LogStreamName, Buffer>>;
}

/** What the bytes of the tails mean. */
export function logTailParts(memory: ArrayBuffer, index = 0): LogTailParts {
  const start = index * size;
  const place = (stream: number) =>
    Buffer.from(memory, start + headerSize + stream * maxContent, maxContent);
  return {
    lengths: new Uint32Array(memory, start, logStreamNames.length),
    contents: { stdout: place(0), stderr: place(1) },
  };
}

/** Bytes of a tail in the file, once it is used. */
export const logTailSize = size;

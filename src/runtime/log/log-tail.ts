import { openSync } from 'node:fs';
import { shareFile } from '../../wasi/libc/shared-file.ts';

/** The longest content of one entry, in bytes, as containerd has it. */
export const maxContent = 16 * 1024;

export const logStreamNames = ['stdout', 'stderr'] as const;
export type LogStreamName = (typeof logStreamNames)[number];

const headerSize = 16;
const size = headerSize + logStreamNames.length * maxContent;

/**
 * The unfinished last lines of a log, in a file that survives the writer: a line that a killed
 * guest had begun is not lost. The file is the lengths, 32 bits each, and a place for each stream.
 */
export class LogTail {
  readonly #path: string | undefined;
  #fd: number | undefined;
  #parts: LogTailParts | undefined;

  /** Without a path, it lives and dies with the process. */
  constructor(path?: string) {
    this.#path = path;
  }

  /** Makes the file; while the process may. It takes no room before it is used. */
  open(): void {
    if (this.#path !== undefined) this.#fd = openSync(this.#path, 'wx+', 0o600);
  }

  /** The parts; asked for when there is something to keep. */
  get parts(): LogTailParts {
    this.#parts ??= logTailParts(this.#memory());
    return this.#parts;
  }

  /** Where the disk has no room for it, the tail is kept, but does not survive. */
  #memory(): ArrayBuffer {
    const shared = this.#fd === undefined ? -1 : shareFile(this.#fd, size);
    return typeof shared === 'number' ? new ArrayBuffer(size) : shared;
  }
}

export interface LogTailParts {
  readonly lengths: Uint32Array;
  readonly contents: Readonly<Record<LogStreamName, Buffer>>;
}

/** What a tail's bytes mean. */
export function logTailParts(memory: ArrayBuffer): LogTailParts {
  const place = (index: number) => Buffer.from(memory, headerSize + index * maxContent, maxContent);
  return {
    lengths: new Uint32Array(memory, 0, logStreamNames.length),
    contents: { stdout: place(0), stderr: place(1) },
  };
}

/** Bytes of a tail's file, once it is used. */
export const logTailSize = size;

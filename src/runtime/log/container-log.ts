import { Scratch } from '../../wasi/libc/scratch.ts';
import type { Clocks } from '../../wasi/system/clocks.ts';
import type { LogSpec } from '../container-spec.ts';
import { LogFile } from './log-file.ts';
import { LogStream } from './log-stream.ts';
import { type LogStreamName, LogTail } from './log-tail.ts';
import { LogTimestamp } from './log-timestamp.ts';

const batchSize = 128 * 1024;

export interface ContainerLogInit {
  /** The file that keeps unfinished lines, see `saveLogTail`. @default none */
  readonly tail?: string;
  /** Whether the guest has a terminal, which has one stream. @default false */
  readonly terminal?: boolean;
}

/**
 * A container's log, written inside its process: when the guest's write returns, its lines are in
 * the file. May be made before it is known where that is.
 */
export class ContainerLog {
  readonly stdout: LogStream;
  readonly #stderr: LogStream;
  readonly #tail = new LogTail();
  readonly #file = new LogFile(new Scratch().reserve(batchSize));

  readonly #clocks: Clocks;

  constructor(clocks: Clocks) {
    this.#clocks = clocks;
    this.stdout = this.#stream('stdout', this.#tail);
    this.#stderr = this.#stream('stderr', this.#tail);
  }

  get stderr(): LogStream {
    return this.stdout.terminal ? this.stdout : this.#stderr;
  }

  /** Opens the file; its directory exists. */
  open(spec: LogSpec, { tail, terminal = false }: ContainerLogInit = {}): void {
    this.#file.open(spec);
    if (tail !== undefined) this.#tail.open(tail);
    this.stdout.terminal = terminal;
  }

  /**
   * Streams of the same log for a thread of the container's, so that its unfinished lines are its own.
   *
   * @param thread from 1 to `mostTails`, used by one thread at a time
   */
  ofThread(thread: number): Readonly<Record<LogStreamName, LogStream>> {
    const tail = this.#tail.beside(thread);
    return { stdout: this.#stream('stdout', tail), stderr: this.#stream('stderr', tail) };
  }

  #stream(name: LogStreamName, tail: LogTail): LogStream {
    const timestamp = new LogTimestamp(this.#clocks);
    return new LogStream(name, { file: this.#file, tail, timestamp });
  }

  /** Writes the unfinished last lines. */
  end(): void {
    this.stdout.end();
    this.stderr.end();
  }
}

import { Scratch } from '../../wasi/libc/scratch.ts';
import type { Clocks } from '../../wasi/system/clocks.ts';
import type { LogSpec } from '../container-spec.ts';
import { LogFile } from './log-file.ts';
import { LogStream } from './log-stream.ts';
import { LogTail } from './log-tail.ts';
import { LogTimestamp } from './log-timestamp.ts';

const batchSize = 128 * 1024;

/**
 * A container's log, written inside its process: when the guest's write returns, its lines are in
 * the file.
 */
export class ContainerLog {
  readonly stdout: LogStream;
  readonly stderr: LogStream;
  readonly #file: LogFile;
  readonly #tail: LogTail;

  /** `tail` is the file that keeps unfinished lines, see `saveLogTail`. */
  constructor(spec: LogSpec, clocks: Clocks, tail?: string) {
    this.#tail = new LogTail(tail);
    this.#file = new LogFile(spec, new Scratch().reserve(batchSize));
    this.stdout = new LogStream('stdout', this.#file, this.#tail, new LogTimestamp(clocks));
    this.stderr = new LogStream('stderr', this.#file, this.#tail, new LogTimestamp(clocks));
  }

  /** Opens the file; its directory exists. */
  open(): void {
    this.#file.open();
    this.#tail.open();
  }

  /** Writes the unfinished last lines. */
  end(): void {
    this.stdout.end();
    this.stderr.end();
  }
}

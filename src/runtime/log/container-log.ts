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
 * the file.
 */
export class ContainerLog {
  readonly stdout: LogStream;
  readonly stderr: LogStream;
  readonly #file: LogFile;
  readonly #tail: LogTail;

  constructor(spec: LogSpec, clocks: Clocks, { tail, terminal = false }: ContainerLogInit = {}) {
    this.#tail = new LogTail(tail);
    this.#file = new LogFile(spec, new Scratch().reserve(batchSize));
    const stream = (name: LogStreamName) => {
      const components = {
        file: this.#file,
        tail: this.#tail,
        timestamp: new LogTimestamp(clocks),
      };
      return new LogStream(name, components, terminal);
    };
    this.stdout = stream('stdout');
    this.stderr = terminal ? this.stdout : stream('stderr');
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

import type { Readable } from 'node:stream';
import type { ProcessEnd } from '../../wasi/libc/process.ts';
import type { StartForm } from '../container-spec.ts';

/** A process that a zygote has made for a container, and whose parent it is. */
export interface ContainerChild {
  readonly pid: number;
  readonly form: StartForm;
  /** Read end of the pipe with the start report. */
  readonly report: Readable;
  /** Resolves when the process has been reaped; never rejects. */
  readonly end: Promise<ProcessEnd>;
  /** Present where its guest waits after the report, and never runs unless it is released. */
  readonly hold?: Hold;
}

export interface Hold {
  /** Makes the process known as the container's and has its guest run. @throws where it cannot */
  release(): void;
  /** Ends the process. */
  giveUp(): void;
}

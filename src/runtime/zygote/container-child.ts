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
}

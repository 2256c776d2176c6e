import { writeSync } from 'node:fs';
import { isatty } from 'node:tty';
import type { OutputSink } from '../../../wasi/component/io/output-sink.ts';
import { errno, errnoOf } from '../../../wasi/errno.ts';

/** Output that goes to a descriptor, which is the caller's pipe or terminal. */
export class DescriptorSink implements OutputSink {
  readonly terminal: boolean;
  readonly #fd: number;

  constructor(fd: number) {
    this.#fd = fd;
    this.terminal = isatty(fd);
  }

  write(bytes: Uint8Array): number {
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(this.#fd, bytes, at);
      return errno.success;
    } catch (error) {
      return errnoOf(error instanceof Error && 'code' in error ? String(error.code) : undefined);
    }
  }
}

import { closeSync, constants, openSync } from 'node:fs';
import { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { hasErrorCode } from '../errors.ts';
import { createFifo } from '../state/container-directory.ts';

/** A FIFO that a program reads its stdin from and the caller's stream is written to. */
export class InputPipe implements Disposable {
  readonly file: string;
  #holder: number | undefined;

  constructor(file: string) {
    this.file = file;
  }

  /** Makes the FIFO and holds it open, so that neither side finds the other missing. */
  open(): void {
    createFifo(this.file);
    this.#holder = openSync(this.file, constants.O_RDWR | constants.O_NONBLOCK);
  }

  /** Writes the whole source, then ends the pipe; earlier when the program ends or stops reading. */
  async carry(source: Readable, signal: AbortSignal): Promise<void> {
    try {
      const fd = openSync(this.file, constants.O_WRONLY | constants.O_NONBLOCK);
      this[Symbol.dispose]();
      const socket = new Socket({ fd, readable: false, writable: true });
      await pipeline(source, socket, { signal });
    } catch (error) {
      if (!signal.aborted && !hasErrorCode(error, 'EPIPE', 'ENXIO', 'ECONNRESET')) throw error;
    }
  }

  [Symbol.dispose](): void {
    if (this.#holder !== undefined) closeSync(this.#holder);
    this.#holder = undefined;
  }
}

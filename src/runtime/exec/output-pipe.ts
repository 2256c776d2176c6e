import { closeSync, constants, openSync } from 'node:fs';
import { Socket } from 'node:net';
import type { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createFifo } from '../state/container-directory.ts';

/** A FIFO that a program writes to and whose content goes to the caller's stream. */
export class OutputPipe implements Disposable {
  readonly file: string;
  #fd: number | undefined;

  constructor(file: string) {
    this.file = file;
  }

  /** Makes the FIFO and opens the end that is read. */
  open(): void {
    createFifo(this.file);
    this.#fd = openSync(this.file, constants.O_RDONLY | constants.O_NONBLOCK);
  }

  /** Resolves when the program has closed its end and all is written to the target. */
  async carry(target: Writable): Promise<void> {
    if (this.#fd === undefined) throw new Error(`Cannot read '${this.file}': it is not open`);
    const socket = new Socket({ fd: this.#fd, readable: true, writable: false });
    this.#fd = undefined;
    await pipeline(socket, target, { end: false });
  }

  [Symbol.dispose](): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
  }
}

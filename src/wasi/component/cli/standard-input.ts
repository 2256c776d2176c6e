import { errno, errnoName } from '../../errno.ts';
import { PollInterest } from '../../system/poller.ts';
import type { System } from '../../system/system.ts';
import { error, ok, type Result } from '../abi/variants.ts';
import { InputStream } from '../io/input-stream.ts';
import type { Readiness } from '../io/readiness.ts';
import { closed, failed, type StreamError } from '../io/stream-error.ts';
import { TransferBuffer } from '../io/transfer-buffer.ts';

/** A guest's standard input: a handle of the system, or nothing. */
export class StandardInput extends InputStream {
  readonly #system: System;
  readonly #handle: number | undefined;
  #buffer: TransferBuffer | undefined;

  readonly readiness: Readiness = {
    ready: () => this.#handle === undefined || this.#isReadable(this.#handle),
    source: () => ({ kind: 'handle', handle: this.#handle ?? -1, direction: 'read' }),
  };

  constructor(system: System, handle: number | undefined) {
    super();
    this.#system = system;
    this.#handle = handle;
  }

  read(length: number): Result<Uint8Array, StreamError> {
    if (this.#handle === undefined) return error(closed);
    if (length === 0 || !this.#isReadable(this.#handle)) return ok(Buffer.alloc(0));
    this.#buffer ??= new TransferBuffer();
    const taken = this.#buffer.read(this.#system, this.#handle, length);
    if (typeof taken !== 'number') return taken.length === 0 ? error(closed) : ok(taken);
    if (-taken === errno.again) return ok(Buffer.alloc(0));
    return error(failed(new Error(`Cannot read standard input: ${errnoName(-taken)}`)));
  }

  #isReadable(handle: number): boolean {
    return this.#system.poller.wait([new PollInterest(handle, 'read')], 0n) !== 0;
  }
}

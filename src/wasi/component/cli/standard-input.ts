import { errno, errnoName } from '../../errno.ts';
import { GuestMemory } from '../../guest-memory.ts';
import { IoVectors } from '../../io-vectors.ts';
import { PollInterest } from '../../system/poller.ts';
import type { System } from '../../system/system.ts';
import { error, ok, type Result } from '../abi/variants.ts';
import { InputStream } from '../io/input-stream.ts';
import type { Readiness } from '../io/readiness.ts';
import { closed, failed, type StreamError } from '../io/stream-error.ts';

/** A guest's standard input: a handle of the system, or nothing. */
export class StandardInput extends InputStream {
  readonly #system: System;
  readonly #handle: number | undefined;
  #buffer: ReadBuffer | undefined;

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
    this.#buffer ??= new ReadBuffer();
    const count = this.#buffer.read(this.#system, this.#handle, length);
    if (count === 0) return error(closed);
    if (count > 0) return ok(this.#buffer.bytes(count));
    if (-count === errno.again) return ok(Buffer.alloc(0));
    return error(failed(new Error(`Cannot read standard input: ${errnoName(-count)}`)));
  }

  #isReadable(handle: number): boolean {
    return this.#system.poller.wait([new PollInterest(handle, 'read')], 0n) !== 0;
  }
}

const bufferSize = 65536;

/** A memory of the host's own for what is not read straight into a guest's. */
class ReadBuffer {
  readonly #memory = new GuestMemory();
  readonly #vectors = new IoVectors();

  constructor() {
    this.#memory.attach(new WebAssembly.Memory({ initial: 1 }));
    this.#vectors.count = 1;
  }

  read(system: System, handle: number, length: number): number {
    this.#vectors.pointers[0] = 0;
    this.#vectors.lengths[0] = Math.min(length, bufferSize);
    return system.streams.read(handle, this.#memory, this.#vectors);
  }

  bytes(length: number): Uint8Array {
    return this.#memory.bytes.subarray(0, length);
  }
}

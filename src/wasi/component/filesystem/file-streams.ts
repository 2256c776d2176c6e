import { fileFlag } from '../../system/files.ts';
import { done, error, ok, type Result } from '../abi/variants.ts';
import { InputStream } from '../io/input-stream.ts';
import { OutputStream } from '../io/output-stream.ts';
import { alwaysReady } from '../io/readiness.ts';
import { closed, failed, type StreamError } from '../io/stream-error.ts';
import type { TransferBuffer } from '../io/transfer-buffer.ts';
import type { Descriptor } from './descriptor.ts';
import { errorCodeOf, FilesystemFailure } from './error-code.ts';

/** What one write takes. */
const permitted = 65536;

function failure(status: number): StreamError {
  return failed(new FilesystemFailure(errorCodeOf(status)));
}

/** A file read from an offset on; files never make their readers wait. */
export class FileInputStream extends InputStream {
  readonly readiness = alwaysReady;
  readonly #file: Descriptor;
  readonly #transfer: TransferBuffer;
  #offset: bigint;

  constructor(file: Descriptor, transfer: TransferBuffer, offset: bigint) {
    super();
    this.#file = file;
    this.#transfer = transfer;
    this.#offset = offset;
    file.retain();
  }

  read(length: number): Result<Uint8Array, StreamError> {
    const { system, handle } = this.#file;
    const taken = this.#transfer.readAt(system, handle, length, this.#offset);
    if (typeof taken === 'number') return error(failure(-taken));
    if (taken.length === 0 && length > 0) return error(closed);
    this.#offset += BigInt(taken.length);
    return ok(taken);
  }

  override drop(): void {
    this.#file.release();
  }
}

/** A file written from an offset on, or at its end. */
export class FileOutputStream extends OutputStream {
  readonly readiness = alwaysReady;
  readonly flushed = alwaysReady;
  readonly #file: Descriptor;
  readonly #transfer: TransferBuffer;
  #offset: bigint | 'end';
  #failure: StreamError | undefined;

  constructor(file: Descriptor, transfer: TransferBuffer, offset: bigint | 'end') {
    super();
    this.#file = file;
    this.#transfer = transfer;
    this.#offset = offset;
    file.retain();
  }

  checkWrite(): Result<number, StreamError> {
    return this.#failure === undefined ? ok(permitted) : error(closed);
  }

  write(contents: Uint8Array): Result<undefined, StreamError> {
    for (let rest = contents; rest.length > 0; ) {
      const written = this.#writePart(rest);
      if (written < 0) {
        this.#failure = failure(-written);
        return error(this.#failure);
      }
      rest = rest.subarray(written);
    }
    return done;
  }

  flush(): Result<undefined, StreamError> {
    return this.#failure === undefined ? done : error(closed);
  }

  override drop(): void {
    this.#file.release();
  }

  #writePart(part: Uint8Array): number {
    const { system, handle } = this.#file;
    if (this.#offset !== 'end') {
      const written = this.#transfer.writeAt(system, handle, part, this.#offset);
      if (written > 0) this.#offset += BigInt(written);
      return written;
    }
    // The kernel finds the end itself, so that two writers do not overwrite each other.
    const flags = system.files.flags(handle);
    const changed = system.files.setFlags(handle, flags | fileFlag.append);
    if (changed !== 0) return -changed;
    const written = this.#transfer.write(system, handle, part);
    system.files.setFlags(handle, flags);
    return written;
  }
}

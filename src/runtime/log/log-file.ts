import { closeSync, constants, fstatSync, ftruncateSync, openSync, renameSync } from 'node:fs';
import { lastErrno } from '../../wasi/libc/errno.ts';
import { libc } from '../../wasi/libc/library.ts';
import type { ScratchRegion } from '../../wasi/libc/scratch.ts';
import type { LogSpec } from '../container-spec.ts';
import { hasErrorCode } from '../errors.ts';

const openFlags = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT;
const success = 0;
const interrupted = 4;

/**
 * A log file that rotates itself: `0.log` becomes `0.log.1`, that `0.log.2`, and so on.
 *
 * What is collected in {@link batch} is whole entries, and goes to the file in one write.
 */
export class LogFile {
  /** Memory for entries that have not been written yet; the first {@link used} bytes are. */
  readonly batch: Buffer;
  used = 0;
  readonly #spec: LogSpec;
  readonly #address: bigint;
  #fd = -1;
  #size = 0;

  /** `memory` holds at least two entries. */
  constructor(spec: LogSpec, memory: ScratchRegion) {
    this.#spec = spec;
    this.batch = memory.bytes;
    this.#address = memory.address;
  }

  /** Opens the log at its end; its directory exists. */
  open(): void {
    this.#fd = openSync(this.#spec.path, openFlags, 0o640);
    this.#size = fstatSync(this.#fd).size;
  }

  get descriptor(): number {
    return this.#fd;
  }

  /** Bytes that the batch can still take. */
  get room(): number {
    return this.batch.length - this.used;
  }

  /**
   * Writes the batch, all of it or, where the disk is full, nothing.
   *
   * @returns an error number
   */
  flush(): number {
    const length = this.used;
    this.used = 0;
    if (this.#size > 0 && this.#size + length > this.#spec.maxBytes) this.#rotate();
    for (let done = 0; done < length; ) {
      const written = libc.write(this.#fd, this.#address + BigInt(done), length - done);
      if (written >= 0n) done += Number(written);
      else if (lastErrno() !== interrupted) return this.#undo(lastErrno());
    }
    this.#size += length;
    return success;
  }

  /** Takes back a part of the batch, so that no entry is torn. */
  #undo(failure: number): number {
    ftruncateSync(this.#fd, this.#size);
    return failure;
  }

  /** Where a file cannot be moved, the log goes on in the one it has: no line is worth less. */
  #rotate(): void {
    const { path, maxFiles } = this.#spec;
    try {
      for (let number = maxFiles - 1; number > 0; number -= 1) {
        shift(number === 1 ? path : `${path}.${number - 1}`, `${path}.${number}`);
      }
      const fd = openSync(path, openFlags | (maxFiles === 1 ? constants.O_TRUNC : 0), 0o640);
      closeSync(this.#fd);
      this.#fd = fd;
      this.#size = 0;
    } catch (error) {
      if (!hasErrorCode(error, 'EACCES', 'EPERM', 'ENOSPC', 'EROFS', 'EMFILE')) throw error;
    }
  }
}

function shift(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if (!hasErrorCode(error, 'ENOENT')) throw error;
  }
}

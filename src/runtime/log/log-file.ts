import { closeSync, constants, ftruncateSync } from 'node:fs';
import path from 'node:path';
import { getSystemErrorName } from 'node:util';
import { errno } from '../../wasi/errno.ts';
import { lastErrno } from '../../wasi/libc/errno.ts';
import { libc } from '../../wasi/libc/library.ts';
import { seekEnd } from '../../wasi/libc/plain-file.ts';
import type { ScratchRegion } from '../../wasi/libc/scratch.ts';
import type { LogSpec } from '../container-spec.ts';
import { LogDirectory } from './log-directory.ts';

/**
 * A log file that rotates itself: `0.log` becomes `0.log.1`, that `0.log.2`, and so on.
 *
 * What is collected in {@link batch} is whole entries, and goes to the file in one write.
 */
export class LogFile {
  /** Memory for entries that have not been written yet; the first {@link used} bytes are. */
  readonly batch: Buffer;
  used = 0;
  readonly #address: bigint;
  readonly #directory = new LogDirectory();
  #name = '';
  #maxBytes = 0;
  #maxFiles = 1;
  #fd = -1;
  #size = 0;

  /** `memory` holds at least two entries. */
  constructor(memory: ScratchRegion) {
    this.batch = memory.bytes;
    this.#address = memory.address;
  }

  /** Opens the log at its end; its directory exists. */
  open({ path: file, maxBytes, maxFiles }: LogSpec): void {
    this.#name = path.basename(file);
    this.#maxBytes = maxBytes;
    this.#maxFiles = maxFiles;
    this.#directory.open(path.dirname(file));
    const fd = this.#directory.openFile(this.#name);
    if (fd < 0) throw new Error(`Cannot open log '${file}': ${getSystemErrorName(fd)}`);
    this.#fd = fd;
    this.#size = seekEnd(fd);
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
    if (this.#size > 0 && this.#size + length > this.#maxBytes) this.#rotate();
    for (let done = 0; done < length; ) {
      const written = libc.write(this.#fd, this.#address + BigInt(done), length - done);
      if (written >= 0) done += written;
      else if (lastErrno() !== errno.intr) return this.#undo(lastErrno());
    }
    this.#size += length;
    return errno.success;
  }

  /** Takes back a part of the batch, so that no entry is torn. */
  #undo(failure: number): number {
    ftruncateSync(this.#fd, this.#size);
    return failure;
  }

  /** Where no new file can be made, the log goes on in the one it has: no line is worth less. */
  #rotate(): void {
    for (let number = this.#maxFiles - 1; number > 0; number -= 1) {
      const from = number === 1 ? this.#name : `${this.#name}.${number - 1}`;
      this.#directory.rename(from, `${this.#name}.${number}`); // there need not be so many yet
    }
    const fd = this.#directory.openFile(this.#name, this.#maxFiles === 1 ? constants.O_TRUNC : 0);
    if (fd < 0) return;
    closeSync(this.#fd);
    this.#fd = fd;
    this.#size = seekEnd(fd);
  }
}

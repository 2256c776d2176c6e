import { TransferBuffer } from '../component/io/transfer-buffer.ts';
import { errno } from '../errno.ts';
import { type OpenHow, toRead } from '../system/directories.ts';
import type { Handle, System } from '../system/system.ts';

const itself: OpenHow = { ...toRead, follow: false };
const chunk = 65_536;

/**
 * Small files in a directory that was opened before a sandbox closed. Whoever writes them replaces
 * them as a whole, so that what is read is always of one piece, and new without a word from them.
 */
export class LiveFiles {
  readonly #system: System;
  readonly #directory: Handle;
  readonly #buffer = new TransferBuffer();

  constructor({ system }: { readonly system: System }, directory: Handle) {
    this.#system = system;
    this.#directory = directory;
  }

  /** @returns the text of a file as it is now, or a negated error number */
  read(name: string): string | number {
    const handle = this.#system.directories.open(this.#directory, name, itself);
    if (handle < 0) return handle;
    try {
      return this.#readAll(handle);
    } finally {
      this.#system.streams.close(handle);
    }
  }

  #readAll(handle: Handle): string | number {
    const parts: Buffer[] = [];
    for (;;) {
      const part = this.#buffer.read(this.#system, handle, chunk);
      if (typeof part === 'number') return part;
      if (part.length === 0) return Buffer.concat(parts).toString();
      parts.push(Buffer.from(part));
    }
  }
}

/** Whether {@link LiveFiles.read} found nothing, and had no other trouble. */
export function isAbsent(result: string | number): boolean {
  return result === -errno.noent;
}

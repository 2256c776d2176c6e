import type { Handle } from '../system/system.ts';

/** A file that a guest has opened. `node:fs` cannot seek, so the position is kept here. */
export interface OpenFile {
  readonly kind: 'file';
  position: bigint;
  append: boolean;
}

/** A directory is its path: `node:fs` looks nothing up relative to a descriptor. */
export interface OpenDirectory {
  readonly kind: 'directory';
  readonly path: string;
  /** What the last listing from the start has found; cookies count in it. */
  listing: readonly string[];
}

/** No descriptor of the process is as high. */
const firstDirectory = 2 ** 30;

/**
 * What has been opened. The handle of a file is its descriptor; what is not in here, as standard
 * input, is a descriptor that somebody else has opened, a stream without a position.
 */
export class OpenHandles {
  readonly #open = new Map<Handle, OpenFile | OpenDirectory>();
  #nextDirectory = firstDirectory;

  addFile(descriptor: number, append: boolean): Handle {
    this.#open.set(descriptor, { kind: 'file', position: 0n, append });
    return descriptor;
  }

  addDirectory(path: string): Handle {
    const handle = this.#nextDirectory;
    this.#nextDirectory += 1;
    this.#open.set(handle, { kind: 'directory', path, listing: [] });
    return handle;
  }

  file(handle: Handle): OpenFile | undefined {
    const open = this.#open.get(handle);
    return open?.kind === 'file' ? open : undefined;
  }

  directory(handle: Handle): OpenDirectory | undefined {
    const open = this.#open.get(handle);
    return open?.kind === 'directory' ? open : undefined;
  }

  remove(handle: Handle): void {
    this.#open.delete(handle);
  }
}

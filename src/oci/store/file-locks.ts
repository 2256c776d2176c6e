import { FileLock } from './file-lock.ts';

/** Locks for any number of digests in 256 files: enough that two seldom wait for each other. */
export class FileLocks {
  readonly #prefix: string;
  readonly #locks = new Map<string, FileLock>();

  /** @param prefix what the files' absolute paths begin with */
  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  /** @param hex the hexadecimal half of a digest */
  of(hex: string): FileLock {
    const name = hex.slice(0, 2);
    const lock = this.#locks.get(name) ?? new FileLock(`${this.#prefix}${name}`);
    this.#locks.set(name, lock);
    return lock;
  }
}

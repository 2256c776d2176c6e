import { type FSWatcher, watch } from 'node:fs';

/**
 * Tells when something changed in a directory. The kernel tells (inotify and its like), so
 * waiting costs nothing. A change between two waits is not lost: the next wait ends at once.
 */
export class DirectoryWatch implements Disposable {
  readonly #watcher: FSWatcher;
  #changed = false;
  #error: Error | undefined;
  #wake: () => void = () => {};

  constructor(directory: string) {
    this.#watcher = watch(directory, { persistent: true });
    this.#watcher.on('change', () => this.#notify());
    this.#watcher.on('error', (error) => {
      this.#error = error;
      this.#notify();
    });
  }

  /** Resolves at the next change, or when the signal is aborted. */
  async change(signal: AbortSignal): Promise<void> {
    if (!this.#changed && !signal.aborted) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#wake = () => resolve();
      signal.addEventListener('abort', this.#wake);
      await promise;
      signal.removeEventListener('abort', this.#wake);
    }
    this.#changed = false;
    if (this.#error !== undefined) throw this.#error;
  }

  [Symbol.dispose](): void {
    this.#watcher.close();
  }

  #notify(): void {
    this.#changed = true;
    this.#wake();
  }
}

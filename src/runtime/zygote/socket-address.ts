import { closeSync, constants, openSync } from 'node:fs';
import path from 'node:path';

const longest = 107; // sun_path, without its terminating zero

/**
 * A Unix socket's path, as short as its address must be: 107 bytes. A longer one leads through an
 * open descriptor of its directory.
 */
export class SocketAddress implements Disposable {
  readonly path: string;
  readonly #directory: number | undefined;

  /** @throws where the directory of a long path cannot be opened */
  constructor(file: string) {
    if (Buffer.byteLength(file) <= longest) {
      this.path = file;
      return;
    }
    this.#directory = openSync(path.dirname(file), constants.O_RDONLY | constants.O_DIRECTORY);
    this.path = `/proc/self/fd/${this.#directory}/${path.basename(file)}`;
  }

  /** Once connected or closed; a socket that listens needs its path to the end. */
  [Symbol.dispose](): void {
    if (this.#directory !== undefined) closeSync(this.#directory);
  }
}

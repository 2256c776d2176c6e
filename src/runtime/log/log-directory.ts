import { constants, openSync } from 'node:fs';
import path from 'node:path';
import { callResult } from '../../wasi/libc/call-result.ts';
import { libc } from '../../wasi/libc/library.ts';
import { cString, place } from '../../wasi/libc/struct-page.ts';

const pathOnly = 0o10000000; // O_PATH
const closeOnExec = 0o2000000; // O_CLOEXEC
const logMode = 0o640;

/**
 * The directory of a log by a descriptor: once the process has become another user, it need not
 * be able to walk there. Methods answer as system calls do, errors as negated errnos.
 */
export class LogDirectory {
  readonly #path: string;
  #fd = -1;

  constructor(directory: string) {
    this.#path = path.resolve(directory);
  }

  /** Opens the directory; while the process may. */
  open(): void {
    this.#fd = openSync(this.#path, pathOnly | constants.O_DIRECTORY);
  }

  /** Opens a file, not by a link, to append to it, making it where it is missing; its descriptor. */
  openFile(name: string, flags = 0): number {
    const [file] = place(cString(name));
    const append = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT;
    const plain = constants.O_NOFOLLOW | closeOnExec;
    return callResult(libc.openat(this.#fd, file, append | plain | flags, logMode));
  }

  /** Gives a file another name, in place of what has it. */
  rename(from: string, to: string): number {
    const [source, target] = place(cString(from), cString(to));
    return callResult(libc.renameat(this.#fd, source, this.#fd, target));
  }
}

import { getSystemErrorName } from 'node:util';
import { callResult } from '../../wasi/libc/call-result.ts';
import { libc } from '../../wasi/libc/library.ts';
import { openFlag } from '../../wasi/libc/open-flags.ts';
import { openFile } from '../../wasi/libc/plain-file.ts';
import { cString, place } from '../../wasi/libc/struct-page.ts';

const logMode = 0o640;

/**
 * The directory of a log by a descriptor: once the process has become another user, it need not
 * be able to walk there. Methods answer as system calls do, errors as negated errnos.
 */
export class LogDirectory {
  #fd = -1;

  /** Opens the directory; while the process may. */
  open(directory: string): void {
    const fd = openFile(directory, openFlag.path | openFlag.directory);
    if (fd < 0) throw new Error(`Cannot open '${directory}': ${getSystemErrorName(fd)}`);
    this.#fd = fd;
  }

  /** Opens a file, not by a link, to append to it, making it where it is missing; its descriptor. */
  openFile(name: string, flags = 0): number {
    const [file] = place(cString(name));
    const append = openFlag.writeOnly | openFlag.append | openFlag.create;
    const plain = openFlag.noFollow | openFlag.closeOnExec;
    return callResult(libc.openat(this.#fd, file, append | plain | flags, logMode));
  }

  /** Gives a file another name, in place of what has it. */
  rename(from: string, to: string): number {
    const [source, target] = place(cString(from), cString(to));
    return callResult(libc.renameat(this.#fd, source, this.#fd, target));
  }
}

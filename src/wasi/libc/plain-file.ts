import { callResult } from './call-result.ts';
import { libc } from './library.ts';
import { openFlag } from './open-flags.ts';
import { cString, place, placedBytes } from './struct-page.ts';

/*
 * A few calls of `node:fs`, in fewer steps: each function that a forked process calls costs it
 * memory that it would else share, since V8 counts the calls.
 */

/** Opens a file by its path, to be closed on exec: its descriptor, or a negated errno. */
export function openFile(path: string, flags: number, mode = 0): number {
  const [pointer] = place(cString(path));
  return callResult(libc.open(pointer, flags | openFlag.closeOnExec, mode));
}

export function closeFile(fd: number): void {
  libc.close(fd);
}

/** Reads at most so many bytes, and waits for the first: none at the end, or a negated errno. */
export function readBytes(fd: number, length: number): Uint8Array | number {
  const [pointer] = place(new Uint8Array(length));
  const result = callResult(libc.read(fd, pointer, length));
  return result < 0 ? result : placedBytes(pointer, result);
}

const fromEnd = 2; // SEEK_END

/** Bytes of a file, whose position is at its end then; or a negated errno. */
export function seekEnd(fd: number): number {
  return callResult(libc.lseek(fd, 0n, fromEnd));
}

/** Gives a file to a user and a group: 0 or a negated errno. */
export function changeOwner(path: string, uid: number, gid: number): number {
  const [pointer] = place(cString(path));
  return callResult(libc.chown(pointer, uid, gid));
}

import { callResult } from './call-result.ts';
import { libc } from './library.ts';
import { openFlag } from './open-flags.ts';
import { cString, place } from './struct-page.ts';
import { systemCallNumbers } from './syscall-numbers.ts';

const number = BigInt(systemCallNumbers.openat2);
const currentDirectory = -100n; // AT_FDCWD
const noSymbolicLinks = 0x04n; // RESOLVE_NO_SYMLINKS
const structSize = 24;

/**
 * Opens a file by its path, to be closed on exec, where no name on the way is a symbolic link: its
 * descriptor, or a negated errno.
 *
 * https://man7.org/linux/man-pages/man2/openat2.2.html
 */
export function openWithoutLinks(path: string, flags: number): number {
  const how = new BigUint64Array(structSize / BigUint64Array.BYTES_PER_ELEMENT);
  how.set([BigInt(flags | openFlag.closeOnExec), 0n, noSymbolicLinks]);
  const [name, pointer] = place(cString(path), new Uint8Array(how.buffer));
  const size = BigInt(structSize);
  return callResult(libc.syscall(number, currentDirectory, name, pointer, size, 0n, 0n));
}

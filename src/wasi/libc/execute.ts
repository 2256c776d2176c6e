import { callResult } from './call-result.ts';
import { getRawPointer, libc } from './library.ts';
import { cString } from './struct-page.ts';

const pointerBytes = 8;

/**
 * Executes the program that is open at `fd` in place of this process; other threads end. The
 * program has the descriptors that do not close on exec, as the caller left them: Node's own
 * `process.execve` leaves only the first three.
 *
 * @returns only where the kernel refuses: a negated errno
 */
export function executeFile(
  fd: number,
  args: readonly string[],
  environment: readonly string[],
): number {
  const strings = [...args, ...environment].map(cString);
  const pointers = (strings.length + 2) * pointerBytes; // each list ends with a null
  const memory = Buffer.alloc(strings.reduce((sum, { length }) => sum + length, pointers));
  const address = getRawPointer(memory);
  let at = pointers;
  for (const [index, string] of strings.entries()) {
    const slot = index < args.length ? index : index + 1;
    memory.writeBigUInt64LE(address + BigInt(at), slot * pointerBytes);
    at += string.length;
    memory.set(string, at - string.length);
  }
  const environmentAt = address + BigInt((args.length + 1) * pointerBytes);
  const result = callResult(libc.fexecve(fd, address, environmentAt));
  memory.fill(0); // the memory must not be freed before
  return result;
}

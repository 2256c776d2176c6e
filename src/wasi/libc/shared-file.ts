import { toArrayBuffer } from 'node:ffi';
import { callResult } from './call-result.ts';
import { libc } from './library.ts';

const protReadWrite = 3;
const mapShared = 1;
const mapFailed = 0xffff_ffff_ffff_ffffn;

/**
 * The first `length` bytes of a file as memory: what is written to it is in the file at once, for
 * whoever reads it, and stays there when the process is killed. Never unmapped.
 *
 * @returns a negated errno where there is no room for them or they cannot be mapped
 */
export function shareFile(fd: number, length: number): ArrayBuffer | number {
  // Without blocks of its own, a write to the memory would end the process on a full disk.
  const allocated = callResult(libc.fallocate(fd, 0, 0n, BigInt(length)));
  if (allocated < 0) return allocated;
  const address = libc.mmap(0n, BigInt(length), protReadWrite, mapShared, fd, 0n);
  if (address === mapFailed) return callResult(-1);
  return toArrayBuffer(address, length, false);
}

import { getInt32 } from 'node:ffi';
import { libc } from './library.ts';

/**
 * Result of a libc call that answers -1 and sets errno: the value itself, or the negated errno,
 * as the kernel has it.
 */
export function callResult(value: number | bigint): number {
  return value === -1 || value === -1n ? -getInt32(libc.__errno_location(), 0) : Number(value);
}

import { toBuffer } from 'node:ffi';
import { libc } from './library.ts';

const protReadWrite = 3;
const mapPrivateAnonymous = 0x22;
const size = 64 * 1024;

const address = libc.mmap(0n, BigInt(size), protReadWrite, mapPrivateAnonymous, -1, 0n);
if (address === 0xffff_ffff_ffff_ffffn) throw new Error('Cannot map memory for system calls');
const page = toBuffer(address, size, false);

/**
 * Copies structs and strings into memory that the garbage collector neither moves nor frees, and
 * returns their addresses, aligned to 16 bytes. They are valid until the next call.
 */
export function place<const T extends readonly Uint8Array[]>(
  ...parts: T
): { [K in keyof T]: bigint } {
  let offset = 0;
  const addresses = parts.map((part) => {
    if (offset + part.length > size) {
      throw new Error(`Cannot place ${part.length} bytes for a system call: too large`);
    }
    page.set(part, offset);
    const placed = address + BigInt(offset);
    offset = (offset + part.length + 15) & ~15;
    return placed;
  });
  return addresses as { [K in keyof T]: bigint }; // map keeps the length
}

/** Reads back what a system call wrote; `pointer` comes from {@link place}. */
export function placedBytes(pointer: bigint, length: number): Uint8Array {
  const offset = Number(pointer - address);
  return page.slice(offset, offset + length);
}

/** The bytes of a string with its terminating zero. */
export function cString(text: string): Uint8Array {
  if (text.includes('\0'))
    throw new Error(`Cannot pass ${JSON.stringify(text)} to libc: has a NUL`);
  return Buffer.from(`${text}\0`);
}

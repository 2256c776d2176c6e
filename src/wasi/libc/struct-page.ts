import { Scratch } from './scratch.ts';

const size = 64 * 1024;
const page = new Scratch().reserve(size);

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
    page.bytes.set(part, offset);
    const placed = page.address + BigInt(offset);
    offset = (offset + part.length + 15) & ~15;
    return placed;
  });
  return addresses as { [K in keyof T]: bigint }; // map keeps the length
}

/** Reads back what a system call wrote; `pointer` comes from {@link place}. */
export function placedBytes(pointer: bigint, length: number): Uint8Array {
  const offset = Number(pointer - page.address);
  return Uint8Array.prototype.slice.call(page.bytes, offset, offset + length);
}

/** The bytes of a string with its terminating zero. */
export function cString(text: string): Uint8Array {
  if (text.includes('\0'))
    throw new Error(`Cannot pass ${JSON.stringify(text)} to libc: has a NUL`);
  return Buffer.from(`${text}\0`);
}

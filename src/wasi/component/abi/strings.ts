import type { Guest } from './guest.ts';
import { GuestTrap } from './guest-trap.ts';

/** How a guest has its strings in memory. */
export type StringEncoding = 'utf8' | 'utf16' | 'latin1+utf16';

/** Where a string is, and its length, which is of bytes or of code units. */
export interface StringPlace {
  readonly pointer: number;
  readonly length: number;
}

/** In `latin1+utf16`, marks a length as one of code units. */
export const utf16Tag = 0x8000_0000;

/** @param length in code units of the guest's encoding, as the canonical ABI passes it */
export function readString(guest: Guest, pointer: number, length: number): string {
  switch (guest.encoding) {
    case 'utf8':
      return guest.memory.string(pointer, length);
    case 'utf16':
      return readUtf16(guest, pointer, length);
    case 'latin1+utf16':
      checkAligned(pointer);
      return length >= utf16Tag
        ? readUtf16(guest, pointer, length - utf16Tag)
        : guest.memory.slice(pointer, length).toString('latin1');
    default:
      return guest.encoding satisfies never;
  }
}

/** Writes a string to new memory of the guest's. */
export function writeString(guest: Guest, text: string): StringPlace {
  switch (guest.encoding) {
    case 'utf8': {
      const length = Buffer.byteLength(text, 'utf8');
      const pointer = guest.allocate(1, length);
      guest.memory.writeString(pointer, text, length);
      return { pointer, length };
    }
    case 'utf16':
      return { pointer: writeUtf16(guest, text), length: text.length };
    case 'latin1+utf16': {
      const isLatin1 = !/[^\0-\xff]/.test(text);
      if (!isLatin1) return { pointer: writeUtf16(guest, text), length: text.length + utf16Tag };
      const pointer = guest.allocate(2, text.length);
      guest.memory.write(pointer, Buffer.from(text, 'latin1'));
      return { pointer, length: text.length };
    }
    default:
      return guest.encoding satisfies never;
  }
}

function readUtf16({ memory }: Guest, pointer: number, length: number): string {
  checkAligned(pointer);
  const text = memory.slice(pointer, length * 2).toString('utf16le');
  if (text.isWellFormed()) return text;
  throw new GuestTrap('Cannot read a string: it is not UTF-16');
}

function writeUtf16(guest: Guest, text: string): number {
  const pointer = guest.allocate(2, text.length * 2);
  guest.memory.write(pointer, Buffer.from(text.toWellFormed(), 'utf16le'));
  return pointer;
}

function checkAligned(pointer: number): void {
  if (pointer % 2 !== 0) throw new GuestTrap(`Cannot read a string: ${pointer} is misaligned`);
}

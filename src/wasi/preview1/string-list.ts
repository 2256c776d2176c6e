import { errno } from '../errno.ts';
import type { GuestMemory } from '../guest-memory.ts';

/** Writes how many strings there are, and how many bytes all of them take, as two u32. */
export function writeSizes(
  memory: GuestMemory,
  strings: readonly Uint8Array[],
  countPointer: number,
  sizePointer: number,
): number {
  if (!memory.covers(countPointer, 4) || !memory.covers(sizePointer, 4)) return errno.fault;
  memory.view.setUint32(countPointer, strings.length, true);
  memory.view.setUint32(sizePointer, totalSize(strings), true);
  return errno.success;
}

/** Writes the strings one after another, and a pointer to each. */
export function writeStrings(
  memory: GuestMemory,
  strings: readonly Uint8Array[],
  pointersPointer: number,
  bytesPointer: number,
): number {
  if (!memory.covers(pointersPointer, strings.length * 4)) return errno.fault;
  if (!memory.covers(bytesPointer, totalSize(strings))) return errno.fault;
  let at = bytesPointer;
  for (const [index, string] of strings.entries()) {
    memory.view.setUint32(pointersPointer + index * 4, at, true);
    memory.bytes.set(string, at);
    at += string.length;
  }
  return errno.success;
}

function totalSize(strings: readonly Uint8Array[]): number {
  return strings.reduce((sum, string) => sum + string.length, 0);
}

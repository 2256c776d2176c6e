import { layerOf } from './preamble.ts';

const importSection = 2;

/**
 * Whether a core module imports from a module of this name, by its beginning; false where that ends
 * before its imports do. A name that merely looks alike counts as well.
 */
export function importsFrom(head: Uint8Array, name: string): boolean {
  if (layerOf(head) !== 'core-module') return false;
  for (let at = 8; at < head.length; ) {
    const id = head[at];
    const [size, start] = sizeAt(head, at + 1);
    if (id === importSection) {
      return Buffer.from(head.subarray(start, start + size)).includes(name);
    }
    if (id !== undefined && id > importSection) return false;
    at = start + size;
  }
  return false;
}

/** A LEB128 number, and where it ends. */
function sizeAt(bytes: Uint8Array, start: number): readonly [size: number, end: number] {
  let size = 0;
  for (let at = start, factor = 1; ; at++, factor *= 128) {
    const byte = bytes[at] ?? 0;
    size += (byte & 0x7f) * factor;
    if (byte < 0x80) return [size, at + 1];
  }
}

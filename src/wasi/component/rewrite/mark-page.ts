import type { ByteWriter } from './byte-writer.ts';

/** A page of the dirty map: 4 KiB of memory for each of the map's bytes. */
export const dirtyPageBits = 12;

const op = { localGet: 0x20, store8: 0x3a, i32Const: 0x41, i32Add: 0x6a, i32ShrU: 0x76 } as const;

/**
 * Writes code that marks the page at a local plus `offset`. The sum may wrap around: then the store that follows
 * is out of bounds and traps, and a wrong mark does no harm.
 *
 * @param dirtyMap the memory of the marks
 */
export function writeMark(
  out: ByteWriter,
  { local, offset, dirtyMap }: { local: number; offset: number; dirtyMap: number },
): void {
  out.byte(op.localGet);
  out.u32(local);
  if (offset > 0) {
    out.byte(op.i32Const);
    out.s32(offset);
    out.byte(op.i32Add);
  }
  out.bytes([op.i32Const, dirtyPageBits, op.i32ShrU, op.i32Const, 1, op.store8]);
  out.u32(64); // the index of a memory follows
  out.u32(dirtyMap);
  out.u32(0);
}

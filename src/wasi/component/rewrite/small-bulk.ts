import type { ByteWriter } from './byte-writer.ts';
import { writeMark } from './mark-page.ts';

const i64 = 0x7e;
/** A block without a result. */
const nothing = 0x40;
const op = {
  if: 0x04,
  end: 0x0b,
  return: 0x0f,
  localGet: 0x20,
  localSet: 0x21,
  load64: 0x29,
  load8: 0x31,
  load32: 0x35,
  store64: 0x37,
  store8: 0x3c,
  store32: 0x3e,
  i32Const: 0x41,
  i32LtU: 0x49,
  i32GeU: 0x4f,
  i32Add: 0x6a,
  i32Sub: 0x6b,
  i32Mul: 0x6c,
  i32And: 0x71,
  i32Or: 0x72,
  i32ShrU: 0x76,
  i64ExtendU: 0xad,
  i64Const: 0x42,
  i64Mul: 0x7e,
} as const;

const [destination, source, length] = [0, 1, 2];
/** The first of the locals for what is read. */
const firstContents = 3;
/** From here on an address might wrap around, 64 bytes before the end of the longest memory. */
const unsafe = [op.i32Const, 0x40];
const largest = 32;

type Code = readonly number[];

const at = (start: number): Code => [op.localGet, start];
const after =
  (bytes: number) =>
  (start: number): Code => [...at(start), op.i32Const, bytes, op.i32Add];
const beforeEnd =
  (bytes: number) =>
  (start: number): Code => [...at(start), ...at(length), op.i32Add, op.i32Const, bytes, op.i32Sub];
const inTheMiddle = (start: number): Code => [
  ...[...at(start), ...at(length)],
  ...[op.i32Const, 1, op.i32ShrU, op.i32Add],
];

interface Small {
  /** The fewest bytes that it is for. */
  readonly from: number;
  readonly load: number;
  readonly store: number;
  /** What is read and written, the last bytes last; may overlap. */
  readonly places: readonly ((start: number) => Code)[];
}

const [load64, store64] = [op.load64, op.store64];
const sizes: readonly Small[] = [
  { from: 16, load: load64, store: store64, places: [at, after(8), beforeEnd(16), beforeEnd(8)] },
  { from: 8, load: load64, store: store64, places: [at, beforeEnd(8)] },
  { from: 4, load: op.load32, store: op.store32, places: [at, beforeEnd(4)] },
  { from: 1, load: op.load8, store: op.store8, places: [at, inTheMiddle, beforeEnd(1)] },
];

/** The lowest byte of a value, eight times. */
const eightTimes: Code = [
  ...[...at(source), op.i32Const, 0xff, 0x01, op.i32And],
  ...[op.i32Const, 0x81, 0x82, 0x84, 0x08, op.i32Mul, op.i64ExtendU], // 0x01010101
  ...[op.i64Const, 0x81, 0x80, 0x80, 0x80, 0x10, op.i64Mul], // 0x100000001
];

/**
 * Writes the locals of a function `(destination, source, length)` and how it begins: it marks, copies up to 32 bytes and
 * returns, and goes on for more. V8 calls out of WebAssembly for each memory.copy. As there, all is read before
 * anything is written; the last bytes are written first, so what is out of bounds traps before.
 */
export function writeSmallCopy(out: ByteWriter, dirtyMap: number): void {
  writeSmall(out, dirtyMap, [...at(destination), ...at(source), op.i32Or], ({ load, places }) =>
    places.map((place) => [...place(source), load, 0, 0]),
  );
}

/** As {@link writeSmallCopy}, of a function `(destination, value, length)`. */
export function writeSmallFill(out: ByteWriter, dirtyMap: number): void {
  writeSmall(out, dirtyMap, at(destination), ({ places }) => places.map(() => eightTimes));
}

function writeSmall(
  out: ByteWriter,
  dirtyMap: number,
  addresses: Code,
  contentsOf: (small: Small) => readonly Code[],
): void {
  out.bytes([1, 4, i64]);
  out.bytes([...at(length), op.i32Const, 1, op.i32Sub, op.i32Const, largest, op.i32LtU]);
  out.bytes([...addresses, ...unsafe, op.i32LtU, op.i32And, op.if, nothing]);
  writeMark(out, { local: destination, offset: 0, dirtyMap });
  for (const small of sizes) {
    out.bytes([...at(length), op.i32Const, small.from, op.i32GeU, op.if, nothing]);
    for (const [index, contents] of contentsOf(small).entries()) {
      out.bytes([...contents, op.localSet, firstContents + index]);
    }
    for (const [index, place] of [...small.places.entries()].reverse()) {
      out.bytes([...place(destination), ...at(firstContents + index), small.store, 0, 0]);
    }
    out.bytes([op.return, op.end]);
  }
  out.byte(op.end);
}

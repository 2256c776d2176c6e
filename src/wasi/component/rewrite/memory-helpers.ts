import { ByteWriter } from './byte-writer.ts';
import type { MemoryInstruction } from './instruction-scanner.ts';
import { storeShape } from './instruction-table.ts';
import { dirtyPageBits, writeMark } from './mark-page.ts';
import { writeSmallCopy, writeSmallFill } from './small-bulk.ts';

const i32 = 0x7f;
const op = {
  if: 0x04,
  end: 0x0b,
  return: 0x0f,
  call: 0x10,
  localGet: 0x20,
  localSet: 0x21,
  localTee: 0x22,
  globalGet: 0x23,
  globalSet: 0x24,
  memorySize: 0x3f,
  memoryGrow: 0x40,
  i32Const: 0x41,
  i32Eqz: 0x45,
  i32Eq: 0x46,
  i32LtU: 0x49,
  i32GtU: 0x4b,
  i32Add: 0x6a,
  i32Sub: 0x6b,
  i32ShrU: 0x76,
} as const;

/** A function the rewriter adds: its type as binary, and its body without the length. */
export interface HelperFunction {
  readonly parameters: readonly number[];
  readonly results: readonly number[];
  readonly body: Uint8Array;
}

/** Where the rewriter puts what helpers refer to. */
export interface HelperIndices {
  /** The first index behind the module's own functions. */
  readonly firstFunction: number;
  /** The memory in which byte n says whether page n was written. */
  readonly dirtyMap: number;
  /** The global that holds the size the module believes its memory to have, if it is virtual. */
  readonly pages: number | undefined;
}

/**
 * The functions that stand in for memory instructions: each does what its instruction does and marks
 * the pages first.
 */
export class MemoryHelpers {
  readonly #indices: HelperIndices;
  readonly #functions: HelperFunction[] = [];
  readonly #byKey = new Map<string, number>();

  constructor(indices: HelperIndices) {
    this.#indices = indices;
  }

  get functions(): readonly HelperFunction[] {
    return this.#functions;
  }

  /** Writes what replaces `instruction`; false if it can stay as it is. */
  replace(instruction: MemoryInstruction, out: ByteWriter): boolean {
    const { pages } = this.#indices;
    if (instruction.kind === 'size') {
      if (pages === undefined) return false;
      out.byte(op.globalGet);
      out.u32(pages);
      return true;
    }
    if (instruction.kind === 'grow' && pages === undefined) return false;
    out.byte(op.call);
    out.u32(this.#indices.firstFunction + this.#helperFor(instruction));
    return true;
  }

  #helperFor(instruction: MemoryInstruction): number {
    switch (instruction.kind) {
      case 'store': {
        const { opcode, align, offset, lane } = instruction;
        return this.#once(`${opcode} ${align} ${offset} ${lane}`, () => this.#store(instruction));
      }
      case 'copy':
        return this.#once('copy', () => this.#bulk([0xfc, 10, 0, 0], writeSmallCopy));
      case 'fill':
        return this.#once('fill', () => this.#bulk([0xfc, 11, 0], writeSmallFill));
      default:
        return this.#once('grow', () => this.#grow());
    }
  }

  #once(key: string, make: () => HelperFunction): number {
    const known = this.#byKey.get(key);
    if (known !== undefined) return known;
    const helper = make();
    const index = this.#functions.push(helper) - 1;
    this.#byKey.set(key, index);
    return index;
  }

  /** `(address, value)`: marks the page of the first byte; the last is in its margin, if not in it. */
  #store(store: Extract<MemoryInstruction, { kind: 'store' }>): HelperFunction {
    const { valueType } = storeShape(store.opcode);
    const out = new ByteWriter(64);
    out.u32(0);
    writeMark(out, { local: 0, offset: store.offset, dirtyMap: this.#indices.dirtyMap });
    out.bytes([op.localGet, 0, op.localGet, 1]);
    if (store.opcode > 0xff) {
      out.byte(0xfd);
      out.u32(store.opcode & 0xff);
    } else {
      out.byte(store.opcode);
    }
    out.u32(store.align);
    out.u32(store.offset);
    if (store.lane !== undefined) out.byte(store.lane);
    out.byte(op.end);
    return { parameters: [i32, valueType], results: [], body: out.result() };
  }

  /** `(destination, source or value, length)`: marks the range and does the instruction. */
  #bulk(instruction: readonly number[], writeSmall: typeof writeSmallCopy): HelperFunction {
    const mark = this.#once('mark', () => this.#markRange());
    const out = new ByteWriter(256);
    writeSmall(out, this.#indices.dirtyMap);
    out.bytes([op.localGet, 0, op.localGet, 2, op.call]);
    out.u32(this.#indices.firstFunction + mark);
    out.bytes([op.localGet, 0, op.localGet, 1, op.localGet, 2, ...instruction, op.end]);
    return { parameters: [i32, i32, i32], results: [], body: out.result() };
  }

  /** `(start, length)`; a range beyond the memory traps here or in the instruction that follows. */
  #markRange(): HelperFunction {
    const out = new ByteWriter(64);
    out.bytes([1, 1, i32]);
    out.bytes([op.localGet, 1, op.i32Eqz, op.if, 0x40, op.return, op.end]);
    out.bytes([op.localGet, 0, op.localGet, 1, op.i32Add, op.i32Const, 1, op.i32Sub]);
    out.bytes([op.i32Const, dirtyPageBits, op.i32ShrU, op.localSet, 2]);
    out.bytes([op.localGet, 0, op.i32Const, dirtyPageBits, op.i32ShrU, op.localTee, 0]);
    out.bytes([op.i32Const, 1, op.localGet, 2, op.localGet, 0, op.i32Sub]);
    out.bytes([op.i32Const, 1, op.i32Add, 0xfc, 11]);
    out.u32(this.#indices.dirtyMap);
    out.byte(op.end);
    return { parameters: [i32, i32], results: [], body: out.result() };
  }

  /**
   * `(delta) -> old size`, on the size the module believes in: what an earlier request grew is kept
   * and handed out again, zeroed, instead of being lost with the instance.
   */
  #grow(): HelperFunction {
    const pages = this.#indices.pages ?? 0;
    const out = new ByteWriter(96);
    out.bytes([1, 2, i32]);
    out.byte(op.globalGet);
    out.u32(pages);
    out.bytes([op.localTee, 1, op.localGet, 0, op.i32Add, op.localTee, 2]);
    out.bytes([op.localGet, 1, op.i32LtU, op.if, 0x40, op.i32Const, 0x7f, op.return, op.end]);
    out.bytes([op.localGet, 2, op.memorySize, 0, op.i32GtU, op.if, 0x40]);
    out.bytes([op.localGet, 2, op.memorySize, 0, op.i32Sub, op.memoryGrow, 0]);
    out.bytes([op.i32Const, 0x7f, op.i32Eq, op.if, 0x40, op.i32Const, 0x7f, op.return, op.end]);
    out.bytes([op.end, op.localGet, 2, op.globalSet]);
    out.u32(pages);
    out.bytes([op.localGet, 1, op.end]);
    return { parameters: [i32], results: [i32], body: out.result() };
  }
}

import { UnresettableModule } from './unresettable-module.ts';

/** What follows an opcode, as far as finding the next instruction and the stores needs it. */
export const immediate = {
  none: 0,
  /** An index, or another unsigned number of 32 bits. */
  index: 1,
  twoIndices: 2,
  /** A heap type or constant: one signed number. */
  signed: 3,
  memory: 4,
  store: 5,
  branchTable: 6,
  float32: 7,
  float64: 8,
  types: 9,
  tryTable: 10,
  memorySize: 11,
  memoryGrow: 12,
  tableSet: 13,
  bulk: 14,
  vector: 15,
  atomic: 16,
  garbage: 17,
  invalid: 18,
  blockType: 19,
} as const;

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

/** The instructions of one byte: https://webassembly.github.io/spec/core/appendix/index-instructions.html */
const opcodes: readonly (readonly [kind: number, opcodes: readonly number[]])[] = [
  // unreachable nop else throw_ref end return catch_all drop select
  [immediate.none, [0x00, 0x01, 0x05, 0x0a, 0x0b, 0x0f, 0x19, 0x1a, 0x1b]],
  // block loop if try
  [immediate.blockType, [0x02, 0x03, 0x04, 0x06]],
  // catch throw rethrow br br_if call return_call call_ref return_call_ref delegate
  [immediate.index, [0x07, 0x08, 0x09, 0x0c, 0x0d, 0x10, 0x12, 0x14, 0x15, 0x18]],
  [immediate.branchTable, [0x0e]],
  [immediate.twoIndices, [0x11, 0x13]],
  [immediate.types, [0x1c]],
  [immediate.tryTable, [0x1f]],
  // local.get local.set local.tee global.get global.set table.get
  [immediate.index, range(0x20, 0x25)],
  [immediate.tableSet, [0x26]],
  [immediate.memory, range(0x28, 0x35)],
  [immediate.store, range(0x36, 0x3e)],
  [immediate.memorySize, [0x3f]],
  [immediate.memoryGrow, [0x40]],
  [immediate.signed, [0x41, 0x42, 0xd0]],
  [immediate.float32, [0x43]],
  [immediate.float64, [0x44]],
  [immediate.none, range(0x45, 0xc4)],
  // ref.is_null ref.eq ref.as_non_null
  [immediate.none, [0xd1, 0xd3, 0xd4]],
  // ref.func br_on_null br_on_non_null
  [immediate.index, [0xd2, 0xd5, 0xd6]],
  [immediate.garbage, [0xfb]],
  [immediate.bulk, [0xfc]],
  [immediate.vector, [0xfd]],
  [immediate.atomic, [0xfe]],
];

/** The immediate of each one-byte opcode. */
export const immediateOf: Readonly<Uint8Array> = (() => {
  const table = new Uint8Array(256).fill(immediate.invalid);
  for (const [kind, codes] of opcodes) {
    for (const code of codes) table[code] = kind;
  }
  return table;
})();

/** How many operands an instruction takes, and whether it gives one back. */
export interface OperandCounts {
  readonly taken: number;
  readonly given: 0 | 1;
}

const operandCounts: readonly (readonly [
  taken: number,
  given: 0 | 1,
  opcodes: readonly number[],
])[] = [
  [0, 0, [0x01]], // nop
  [1, 0, [0x0d, 0x1a, 0x21, 0x24]], // br_if drop local.set global.set
  [3, 1, [0x1b]], // select
  [0, 1, [0x20, 0x23, 0x3f, ...range(0x41, 0x44)]], // local.get global.get memory.size, constants
  [1, 1, [0x22, ...range(0x28, 0x35), 0x40]], // local.tee, loads, memory.grow
  [2, 0, range(0x36, 0x3e)], // stores
  // Numbers: tests and comparisons, then arithmetic, of i32, i64, f32 and f64; conversions.
  [1, 1, [0x45, 0x50]],
  [2, 1, [...range(0x46, 0x4f), ...range(0x51, 0x66)]],
  [1, 1, [...range(0x67, 0x69), ...range(0x79, 0x7b), ...range(0x8b, 0x91), ...range(0x99, 0x9f)]],
  [2, 1, [...range(0x6a, 0x78), ...range(0x7c, 0x8a), ...range(0x92, 0x98), ...range(0xa0, 0xa6)]],
  [1, 1, range(0xa7, 0xc4)],
];

/** The operands of each one-byte opcode; undefined where they depend on types, or where it ends or begins a block. */
export const operandsOf: readonly (OperandCounts | undefined)[] = (() => {
  const table: (OperandCounts | undefined)[] = Array(256).fill(undefined);
  for (const [taken, given, codes] of operandCounts) {
    for (const code of codes) table[code] = { taken, given };
  }
  return table;
})();

/** A plain store: the type of its value as a binary type, and how many bytes it writes. */
export interface StoreShape {
  readonly valueType: number;
  readonly size: number;
}

const i32 = 0x7f;
const i64 = 0x7e;
const f32 = 0x7d;
const f64 = 0x7c;
const v128 = 0x7b;

/** The stores by opcode; vector stores by 0xfd00 plus their second number. */
const storeShapes: ReadonlyMap<number, StoreShape> = new Map([
  [0x36, { valueType: i32, size: 4 }],
  [0x37, { valueType: i64, size: 8 }],
  [0x38, { valueType: f32, size: 4 }],
  [0x39, { valueType: f64, size: 8 }],
  [0x3a, { valueType: i32, size: 1 }],
  [0x3b, { valueType: i32, size: 2 }],
  [0x3c, { valueType: i64, size: 1 }],
  [0x3d, { valueType: i64, size: 2 }],
  [0x3e, { valueType: i64, size: 4 }],
  [0xfd0b, { valueType: v128, size: 16 }],
  [0xfd58, { valueType: v128, size: 1 }],
  [0xfd59, { valueType: v128, size: 2 }],
  [0xfd5a, { valueType: v128, size: 4 }],
  [0xfd5b, { valueType: v128, size: 8 }],
]);

/** @throws {UnresettableModule} where it is not known */
export function storeShape(opcode: number): StoreShape {
  const shape = storeShapes.get(opcode);
  if (shape !== undefined) return shape;
  throw new UnresettableModule('unknown-instruction', `store ${opcode} is not known`);
}

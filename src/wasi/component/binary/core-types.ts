import type { Reader } from './reader.ts';

/** The kind of a core import or export. */
export type CoreKind = 'function' | 'table' | 'memory' | 'global' | 'tag';

const kinds: readonly CoreKind[] = ['function', 'table', 'memory', 'global', 'tag'];

export function readCoreKind(reader: Reader): CoreKind {
  return kinds[reader.byte()] ?? reader.fail('an unknown kind of import or export');
}

/** The limits of a memory or table, in pages or entries. */
export interface Limits {
  readonly minimum: number;
  readonly maximum: number | undefined;
  readonly shared: boolean;
  readonly is64: boolean;
}

export function readLimits(reader: Reader): Limits {
  const flags = reader.byte();
  if (flags > 7) reader.fail(`unknown flags ${flags} of a memory or table`);
  const is64 = (flags & 4) !== 0;
  const minimum = readBound(reader, is64);
  const maximum = flags & 1 ? readBound(reader, is64) : undefined;
  return { minimum, maximum, shared: (flags & 2) !== 0, is64 };
}

function readBound(reader: Reader, is64: boolean): number {
  if (!is64) return reader.u32();
  reader.skipLeb(64);
  return 0;
}

/** Passes over a value type; references to a type by index or heap take more than one byte. */
export function skipValueType(reader: Reader): number {
  const byte = reader.byte();
  if (byte === 0x63 || byte === 0x64) reader.skipLeb(33);
  return byte;
}

export interface GlobalType {
  readonly mutable: boolean;
  /** The first byte of the value's type: 0x7f is i32, 0x7b v128. */
  readonly valueType: number;
}

export function readGlobalType(reader: Reader): GlobalType {
  const valueType = skipValueType(reader);
  return { valueType, mutable: reader.byte() === 1 };
}

/** Passes over a constant expression, which initialises a global or places a segment. */
export function skipConstantExpression(reader: Reader): void {
  for (;;) {
    const opcode = reader.byte();
    if (opcode === 0x0b) return;
    skipConstantInstruction(reader, opcode);
  }
}

function skipConstantInstruction(reader: Reader, opcode: number): void {
  if (opcode === 0x41) reader.skipLeb(32);
  else if (opcode === 0x42) reader.skipLeb(64);
  else if (opcode === 0x43) reader.skip(4);
  else if (opcode === 0x44) reader.skip(8);
  else if (opcode === 0x23 || opcode === 0xd2) reader.u32();
  else if (opcode === 0xd0) reader.skipLeb(33);
  else if (opcode === 0xfb) skipObjectConstant(reader);
  else if (opcode === 0xfd) skipVectorConstant(reader);
  // i32 and i64 add, sub, mul of the extended constant expressions
  else if (![0x6a, 0x6b, 0x6c, 0x7c, 0x7d, 0x7e].includes(opcode)) {
    reader.fail(`0x${opcode.toString(16)} in a constant expression`);
  }
}

function skipVectorConstant(reader: Reader): void {
  if (reader.u32() !== 12) reader.fail('a vector instruction in a constant expression');
  reader.skip(16);
}

function skipObjectConstant(reader: Reader): void {
  const operation = reader.u32();
  // struct.new, array.new, each also with default values, and array.new_fixed, which has a length
  if ([0, 1, 6, 7, 8].includes(operation)) reader.u32();
  if (operation === 8) reader.u32();
  // any.convert_extern, extern.convert_any, ref.i31
  else if (![0, 1, 6, 7, 26, 27, 28].includes(operation)) {
    reader.fail(`0xfb ${operation} in a constant expression`);
  }
}

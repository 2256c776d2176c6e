import { skipValueType } from '../binary/core-types.ts';
import type { Reader } from '../binary/reader.ts';
import { immediate, immediateOf } from './instruction-table.ts';
import { UnresettableModule } from './unresettable-module.ts';

/** Of type indices of one byte: the numbers above are negative. */
const lastIndex = 0x3f;
const noType = 0x40;

/** An instruction that changes or reads the memory's extent or contents, to be replaced by a call. */
export type MemoryInstruction =
  | {
      readonly kind: 'store';
      /** As for `storeShape`. */
      readonly opcode: number;
      readonly align: number;
      readonly offset: number;
      /** The lane of a vector lane store. */
      readonly lane: number | undefined;
    }
  | { readonly kind: 'copy' | 'fill' | 'size' | 'grow' };

/**
 * Passes over one instruction. Returns it if it must be replaced, undefined if it can be copied.
 *
 * @throws {UnresettableModule} for an instruction whose effect no reset undoes
 */
export function scanInstruction(reader: Reader): MemoryInstruction | undefined {
  const opcode = reader.byte();
  const kind = immediateOf[opcode];
  switch (kind) {
    case immediate.none:
      return undefined;
    case immediate.index:
      reader.u32();
      return undefined;
    case immediate.signed:
      reader.skipLeb(64);
      return undefined;
    case immediate.blockType:
      skipBlockType(reader);
      return undefined;
    case immediate.memory:
      skipMemoryArgument(reader);
      return undefined;
    case immediate.store:
      return readStore(reader, opcode);
    case immediate.memorySize:
      expectFirstMemory(reader);
      return { kind: 'size' };
    case immediate.memoryGrow:
      expectFirstMemory(reader);
      return { kind: 'grow' };
    case immediate.bulk:
      return scanBulk(reader);
    case immediate.vector:
      return scanVector(reader);
    default:
      scanRare(reader, opcode, kind);
      return undefined;
  }
}

function scanRare(reader: Reader, opcode: number, kind: number | undefined): void {
  switch (kind) {
    case immediate.twoIndices:
      reader.u32();
      reader.u32();
      return;
    case immediate.branchTable:
      reader.list((inner) => inner.u32());
      reader.u32();
      return;
    case immediate.float32:
      reader.skip(4);
      return;
    case immediate.float64:
      reader.skip(8);
      return;
    case immediate.types:
      reader.list(skipValueType);
      return;
    case immediate.tryTable:
      skipBlockType(reader);
      reader.list(skipCatch);
      return;
    case immediate.tableSet:
      throw new UnresettableModule('table-write', 'it writes to a table');
    case immediate.atomic:
      throw new UnresettableModule('atomics', 'it uses atomic instructions');
    case immediate.garbage:
      throw new UnresettableModule('garbage-collection', 'it uses garbage-collected objects');
    default:
      throw new UnresettableModule(
        'unknown-instruction',
        `instruction 0x${opcode.toString(16)} at byte ${reader.position - 1} is not known`,
      );
  }
}

/** A type's index, or a type of values, which may be several bytes. */
function skipBlockType(reader: Reader): void {
  if (reader.peek() >= 0x80) reader.skipLeb(33);
  else if (reader.peek() <= lastIndex || reader.peek() === noType) reader.byte();
  else skipValueType(reader);
}

function skipCatch(reader: Reader): void {
  if (reader.byte() < 2) reader.u32();
  reader.u32();
}

/** An alignment with bit 6 set is followed by the index of a memory. */
function readAlignment(reader: Reader): number {
  const align = reader.u32();
  if (align < 64) return align;
  expectFirstMemory(reader);
  return align - 64;
}

function skipMemoryArgument(reader: Reader): void {
  readAlignment(reader);
  reader.skipLeb(64);
}

function readStore(reader: Reader, opcode: number): MemoryInstruction {
  const align = readAlignment(reader);
  return { kind: 'store', opcode, align, offset: reader.u32(), lane: undefined };
}

function expectFirstMemory(reader: Reader): void {
  if (reader.u32() !== 0) throw new UnresettableModule('several-memories', 'it has two memories');
}

function scanBulk(reader: Reader): MemoryInstruction | undefined {
  const operation = reader.u32();
  switch (operation) {
    case 8:
      throw new UnresettableModule('memory-init', 'it copies data segments while it runs');
    case 9:
    case 13:
      throw new UnresettableModule('segment-drop', 'it drops segments');
    case 10:
      expectFirstMemory(reader);
      expectFirstMemory(reader);
      return { kind: 'copy' };
    case 11:
      expectFirstMemory(reader);
      return { kind: 'fill' };
    case 16:
      reader.u32();
      return undefined;
    default:
      break;
  }
  if (operation <= 7) return undefined;
  if (operation <= 17) throw new UnresettableModule('table-write', 'it writes to a table');
  throw new UnresettableModule('unknown-instruction', `instruction 0xfc ${operation} is not known`);
}

function scanVector(reader: Reader): MemoryInstruction | undefined {
  const operation = reader.u32();
  if (operation === 11) return readStore(reader, 0xfd0b);
  if (operation <= 10 || operation === 92 || operation === 93) skipMemoryArgument(reader);
  else if (operation <= 13) reader.skip(16);
  else if (operation >= 21 && operation <= 34) reader.skip(1);
  else if (operation >= 84 && operation <= 91) return scanLane(reader, operation);
  return undefined;
}

function scanLane(reader: Reader, operation: number): MemoryInstruction | undefined {
  const align = readAlignment(reader);
  const offset = reader.u32();
  const lane = reader.byte();
  if (operation < 88) return undefined;
  return { kind: 'store', opcode: 0xfd00 + operation, align, offset, lane };
}

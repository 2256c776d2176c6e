import type { ElementSize, Sort, TypeDefinition } from './component.ts';
import type { Reader } from './reader.ts';
import { readCoreSort, readExternName, readSort } from './sorts.ts';

/** How deep component and instance types may nest before the file counts as hostile. */
const deepestNesting = 32;

/**
 * Reads one type. Host functions know their own signatures, so of a type only its kind is kept, of
 * a resource its destructor, and of a stream or future how large its items are.
 */
export function readType(reader: Reader, depth = 0): TypeDefinition {
  if (depth > deepestNesting) reader.fail(`types nested deeper than ${deepestNesting}`);
  const opcode = reader.byte();
  switch (opcode) {
    case 0x3f:
      return { kind: 'resource', destructor: readResource(reader) };
    case 0x40:
    case 0x43:
      skipFunction(reader);
      return { kind: 'function' };
    case 0x65:
      return { kind: 'future', elementSize: readElement(reader) };
    case 0x66:
      return { kind: 'stream', elementSize: readElement(reader) };
    case 0x41:
      reader.list((inner) => skipComponentDeclaration(inner, depth + 1));
      return { kind: 'component' };
    case 0x42:
      reader.list((inner) => skipInstanceDeclaration(inner, depth + 1));
      return { kind: 'instance' };
    default:
      skipValueDefinition(reader, opcode);
      return { kind: 'value' };
  }
}

function readResource(reader: Reader): number | undefined {
  reader.byte();
  return reader.byte() === 0 ? undefined : reader.u32();
}

function skipValueType(reader: Reader): void {
  reader.skipLeb(33);
}

function skipOptional(reader: Reader, skip: (reader: Reader) => void): void {
  const present = reader.byte();
  if (present > 1) reader.fail(`${present} where 0 or 1 was expected`);
  if (present === 1) skip(reader);
}

/** Sizes of the numbers among the primitive types, from `f64` (0x75) up to `s8` (0x7e). */
const numberSizes: Readonly<Record<number, ElementSize>> = {
  [-0x02]: 1,
  [-0x03]: 1,
  [-0x04]: 2,
  [-0x05]: 2,
  [-0x06]: 4,
  [-0x07]: 4,
  [-0x08]: 8,
  [-0x09]: 8,
  [-0x0a]: 4,
  [-0x0b]: 8,
};

function readElement(reader: Reader): ElementSize {
  const present = reader.byte();
  if (present > 1) reader.fail(`${present} where 0 or 1 was expected`);
  return present === 0 ? 0 : numberSizes[reader.s33()];
}

function skipLabelled(reader: Reader): void {
  reader.name();
  skipValueType(reader);
}

function skipFunction(reader: Reader): void {
  reader.list(skipLabelled);
  skipResults(reader);
}

/** A function's results: one value or none. */
export function skipResults(reader: Reader): void {
  if (reader.byte() === 0) skipValueType(reader);
  else reader.byte();
}

function skipCase(reader: Reader): void {
  reader.name();
  skipOptional(reader, skipValueType);
  reader.byte();
}

function skipValueDefinition(reader: Reader, opcode: number): void {
  const primitive = opcode >= 0x73 && opcode <= 0x7f;
  if (primitive || opcode === 0x64) return;
  const skip = valueDefinitions.get(opcode);
  if (skip === undefined) reader.fail(`an unknown type 0x${opcode.toString(16)}`);
  skip(reader);
}

const valueDefinitions = new Map<number, (reader: Reader) => void>([
  [0x72, (reader) => reader.list(skipLabelled)],
  [0x71, (reader) => reader.list(skipCase)],
  [0x70, skipValueType],
  [0x67, (reader) => [skipValueType(reader), reader.u32()]],
  [0x6f, (reader) => reader.list(skipValueType)],
  [0x6e, (reader) => reader.list((inner) => inner.name())],
  [0x6d, (reader) => reader.list((inner) => inner.name())],
  [0x6b, skipValueType],
  [0x6a, (reader) => [skipOptional(reader, skipValueType), skipOptional(reader, skipValueType)]],
  [0x69, (reader) => reader.u32()],
  [0x68, (reader) => reader.u32()],
  [0x63, (reader) => [skipValueType(reader), skipValueType(reader)]],
]);

function skipComponentDeclaration(reader: Reader, depth: number): void {
  if (reader.peek() === 0x03) {
    reader.byte();
    readExternName(reader);
    readExternType(reader);
  } else {
    skipInstanceDeclaration(reader, depth);
  }
}

function skipInstanceDeclaration(reader: Reader, depth: number): void {
  switch (reader.byte()) {
    case 0x00:
      skipCoreType(reader);
      return;
    case 0x01:
      readType(reader, depth);
      return;
    case 0x02:
      skipAlias(reader);
      return;
    case 0x04:
      readExternName(reader);
      readExternType(reader);
      return;
    default:
      reader.fail('an unknown declaration');
  }
}

function skipAlias(reader: Reader): void {
  readSort(reader);
  const outer = reader.byte() === 0x02;
  reader.u32();
  if (outer) reader.u32();
  else reader.name();
}

/** Reads what an import or export is, and returns its sort. */
export function readExternType(reader: Reader): Sort {
  const sort = readSort(reader);
  switch (sort) {
    case 'type':
      if (reader.byte() === 0) reader.u32();
      return sort;
    case 'value':
      if (reader.byte() === 0) reader.u32();
      else skipValueType(reader);
      return sort;
    default:
      reader.u32();
      return sort;
  }
}

/** Passes over a core type: a function type, or the type of a module that is imported. */
export function skipCoreType(reader: Reader): void {
  switch (reader.byte()) {
    case 0x60:
      reader.list((inner) => inner.skipLeb(33));
      reader.list((inner) => inner.skipLeb(33));
      return;
    case 0x50:
      reader.list(skipModuleDeclaration);
      return;
    default:
      reader.fail('an unknown core type');
  }
}

function skipModuleDeclaration(reader: Reader): void {
  switch (reader.byte()) {
    case 0x00:
      reader.name();
      reader.name();
      skipCoreExternType(reader);
      return;
    case 0x01:
      skipCoreType(reader);
      return;
    case 0x02:
      readCoreSort(reader);
      reader.byte();
      reader.u32();
      reader.u32();
      return;
    case 0x03:
      reader.name();
      skipCoreExternType(reader);
      return;
    default:
      reader.fail('an unknown declaration of a core module');
  }
}

function skipCoreExternType(reader: Reader): void {
  switch (reader.byte()) {
    case 0x00:
      reader.u32();
      return;
    case 0x01:
      reader.skipLeb(33);
      skipLimits(reader);
      return;
    case 0x02:
      skipLimits(reader);
      return;
    case 0x03:
      reader.skipLeb(33);
      reader.byte();
      return;
    case 0x04:
      reader.byte();
      reader.u32();
      return;
    default:
      reader.fail('an unknown core import');
  }
}

function skipLimits(reader: Reader): void {
  const flags = reader.byte();
  reader.skipLeb(64);
  if (flags & 1) reader.skipLeb(64);
}

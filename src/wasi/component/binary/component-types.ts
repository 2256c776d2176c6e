import type {
  Declaration,
  FunctionTypeDefinition,
  Sort,
  TypeDefinition,
  ValueTypeReference,
} from './component.ts';
import { skipCoreType } from './core-type-declarations.ts';
import type { Reader } from './reader.ts';
import { readExternName, readSort } from './sorts.ts';
import { readValueTypeDefinition, readValueTypeReference } from './value-types.ts';

/** How deep component and instance types may nest before the file counts as hostile. */
const deepestNesting = 32;

/** Reads one type; of the labels of its fields, cases and parameters none is kept. */
export function readType(reader: Reader, depth = 0): TypeDefinition {
  if (depth > deepestNesting) reader.fail(`types nested deeper than ${deepestNesting}`);
  const opcode = reader.byte();
  switch (opcode) {
    case 0x3f:
      return { kind: 'resource', destructor: readResource(reader) };
    case 0x40:
    case 0x43:
      return readFunction(reader, opcode === 0x43);
    case 0x41:
      reader.list((inner) => skipComponentDeclaration(inner, depth + 1));
      return { kind: 'component' };
    case 0x42:
      return {
        kind: 'instance',
        declarations: reader.list((inner) => readDeclaration(inner, depth + 1)).flat(),
      };
    default:
      return readValueTypeDefinition(reader, opcode);
  }
}

function readResource(reader: Reader): number | undefined {
  reader.byte();
  return reader.byte() === 0 ? undefined : reader.u32();
}

function readFunction(reader: Reader, async: boolean): FunctionTypeDefinition {
  const parameters = reader.list((inner) => {
    inner.name();
    return readValueTypeReference(inner);
  });
  return { kind: 'function', async, parameters, result: readResult(reader) };
}

/** A function's result: one value or none. */
export function readResult(reader: Reader): ValueTypeReference | undefined {
  if (reader.byte() === 0) return readValueTypeReference(reader);
  reader.byte();
  return undefined;
}

function skipComponentDeclaration(reader: Reader, depth: number): void {
  if (reader.peek() === 0x03) {
    reader.byte();
    readExternName(reader);
    readExternType(reader);
  } else {
    readDeclaration(reader, depth);
  }
}

/** @returns nothing for a declaration that is of no interest */
function readDeclaration(reader: Reader, depth: number): Declaration[] {
  switch (reader.byte()) {
    case 0x00:
      skipCoreType(reader);
      return [];
    case 0x01:
      return [{ kind: 'type', type: readType(reader, depth) }];
    case 0x02:
      return readAliasDeclaration(reader);
    case 0x04: {
      const name = readExternName(reader);
      return [{ kind: 'export', name, ...readExternType(reader) }];
    }
    default:
      return reader.fail('an unknown declaration');
  }
}

function readAliasDeclaration(reader: Reader): Declaration[] {
  const sort = readSort(reader);
  const isOuter = reader.byte() === 0x02;
  const first = reader.u32();
  const type: TypeDefinition = isOuter
    ? { kind: 'outer', depth: first, index: reader.u32() }
    : { kind: 'alias', instance: first, name: reader.name() };
  return sort === 'type' ? [{ kind: 'type', type }] : [];
}

/** What an import or export is. */
export interface ExternType {
  readonly sort: Sort;
  /** Index of its type; of a type, the one it is equal to; undefined for a resource type. */
  readonly type: number | undefined;
}

export function readExternType(reader: Reader): ExternType {
  const sort = readSort(reader);
  switch (sort) {
    case 'type':
      return { sort, type: reader.byte() === 0 ? reader.u32() : undefined };
    case 'value':
      if (reader.byte() === 0) reader.u32();
      else readValueTypeReference(reader);
      return { sort, type: undefined };
    default:
      return { sort, type: reader.u32() };
  }
}

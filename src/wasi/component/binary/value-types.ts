import {
  type PrimitiveType,
  primitiveTypes,
  type ValueTypeDefinition,
  type ValueTypeReference,
} from './component.ts';
import type { Reader } from './reader.ts';

/** Reads a type index, or a primitive type, whose opcode is a negative number. */
export function readValueTypeReference(reader: Reader): ValueTypeReference {
  const reference = reader.s33();
  if (reference >= 0) return reference;
  return primitive(reference + 0x80) ?? reader.fail(`an unknown type ${reference}`);
}

function primitive(opcode: number): PrimitiveType | undefined {
  return opcode === 0x64 ? 'error-context' : primitiveTypes[0x7f - opcode];
}

export function readValueTypeDefinition(reader: Reader, opcode: number): ValueTypeDefinition {
  const type = primitive(opcode);
  if (type !== undefined) return { kind: 'primitive', type };
  switch (opcode) {
    case 0x72:
      return { kind: 'tuple', items: reader.list(readField) };
    case 0x71:
      return { kind: 'variant', cases: reader.list(readCase) };
    case 0x70:
      return { kind: 'list', item: readValueTypeReference(reader) };
    case 0x67:
      return { kind: 'list', item: readValueTypeReference(reader), length: reader.u32() };
    case 0x6f:
      return { kind: 'tuple', items: reader.list(readValueTypeReference) };
    case 0x6e:
      return { kind: 'flags', count: reader.list(readName).length };
    case 0x6d:
      return { kind: 'variant', cases: reader.list(readName) };
    case 0x6b:
      return { kind: 'variant', cases: [undefined, readValueTypeReference(reader)] };
    case 0x6a:
      return {
        kind: 'variant',
        cases: [
          readOptional(reader, readValueTypeReference),
          readOptional(reader, readValueTypeReference),
        ],
      };
    case 0x63:
      return {
        kind: 'map',
        key: readValueTypeReference(reader),
        value: readValueTypeReference(reader),
      };
    case 0x69:
      return { kind: 'own', resource: reader.u32() };
    case 0x68:
      return { kind: 'borrow', resource: reader.u32() };
    case 0x66:
      return { kind: 'stream', item: readOptional(reader, readValueTypeReference) };
    case 0x65:
      return { kind: 'future', item: readOptional(reader, readValueTypeReference) };
    default:
      return reader.fail(`an unknown type 0x${opcode.toString(16)}`);
  }
}

function readOptional<T>(reader: Reader, read: (reader: Reader) => T): T | undefined {
  const present = reader.byte();
  if (present > 1) reader.fail(`${present} where 0 or 1 was expected`);
  return present === 1 ? read(reader) : undefined;
}

function readField(reader: Reader): ValueTypeReference {
  reader.name();
  return readValueTypeReference(reader);
}

function readCase(reader: Reader): ValueTypeReference | undefined {
  reader.name();
  const payload = readOptional(reader, readValueTypeReference);
  reader.byte();
  return payload;
}

/** A case of an enumeration: it has no payload. */
function readName(reader: Reader): undefined {
  reader.name();
}

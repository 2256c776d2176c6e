import { type ByteReader, malformed } from './byte-reader.ts';

/** https://github.com/WebAssembly/component-model/blob/main/design/mvp/Binary.md#import-and-export-definitions */
export function readComponentImport(reader: ByteReader): string {
  const name = readExternName(reader);
  skipExternDescription(reader);
  return name;
}

export function readComponentExport(reader: ByteReader): string {
  const name = readExternName(reader);
  skipSort(reader);
  reader.skipNumber();
  const hasType = reader.byte();
  if (hasType === 0x01) skipExternDescription(reader);
  return name;
}

function readExternName(reader: ByteReader): string {
  const form = reader.byte();
  if (form > 0x02) throw malformed(`a component's name is of form ${form}`);
  const name = reader.name();
  if (form === 0x02) {
    reader.vector(() => {
      reader.byte();
      return reader.name();
    });
  }
  return name;
}

function skipSort(reader: ByteReader): void {
  const sort = reader.byte();
  if (sort === 0x00) reader.byte();
}

function skipExternDescription(reader: ByteReader): void {
  const kind = reader.byte();
  switch (kind) {
    case 0x00: // core module
      reader.byte();
      reader.skipNumber();
      return;
    case 0x01: // function
    case 0x04: // component
    case 0x05: // instance
      reader.skipNumber();
      return;
    case 0x02: // value, equal to another one or of a type
      reader.byte();
      reader.skipNumber();
      return;
    case 0x03: // type, equal to another one or a fresh resource
      if (reader.byte() === 0x00) reader.skipNumber();
      return;
    default:
      throw malformed(`a component's import or export is of kind ${kind}`);
  }
}

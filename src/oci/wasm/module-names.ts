import { type ByteReader, malformed } from './byte-reader.ts';

/** https://webassembly.github.io/spec/core/binary/modules.html#import-section */
export function readModuleImport(reader: ByteReader): string {
  const name = `${reader.name()}.${reader.name()}`;
  skipImportType(reader);
  return name;
}

/** https://webassembly.github.io/spec/core/binary/modules.html#export-section */
export function readModuleExport(reader: ByteReader): string {
  const name = reader.name();
  reader.byte();
  reader.u32();
  return name;
}

function skipImportType(reader: ByteReader): void {
  const kind = reader.byte();
  switch (kind) {
    case 0x00: // function
      reader.skipNumber();
      return;
    case 0x01: // table
      skipType(reader);
      skipLimits(reader);
      return;
    case 0x02: // memory
      skipLimits(reader);
      return;
    case 0x03: // global
      skipType(reader);
      reader.byte();
      return;
    case 0x04: // tag
      reader.byte();
      reader.skipNumber();
      return;
    default:
      throw malformed(`an import is of kind ${kind}`);
  }
}

/** One byte, but for typed references, behind whose byte a heap type follows. */
function skipType(reader: ByteReader): void {
  const type = reader.byte();
  if (type === 0x63 || type === 0x64) reader.skipNumber();
}

function skipLimits(reader: ByteReader): void {
  const flags = reader.byte();
  reader.skipNumber();
  if (flags & 0x01) reader.skipNumber();
  if (flags & 0x08) reader.skipNumber();
}

import type { Reader } from './reader.ts';
import { readCoreSort } from './sorts.ts';

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

import type { CoreSort, Export, Sort } from './component.ts';
import type { Reader } from './reader.ts';

const coreSorts = new Map<number, CoreSort>([
  [0x00, 'core function'],
  [0x01, 'core table'],
  [0x02, 'core memory'],
  [0x03, 'core global'],
  [0x04, 'core tag'],
  [0x10, 'core type'],
  [0x11, 'core module'],
  [0x12, 'core instance'],
]);

const sorts = new Map<number, Sort>([
  [0x01, 'function'],
  [0x02, 'value'],
  [0x03, 'type'],
  [0x04, 'component'],
  [0x05, 'instance'],
]);

export function readCoreSort(reader: Reader): CoreSort {
  return coreSorts.get(reader.byte()) ?? reader.fail('an unknown core sort');
}

export function readSort(reader: Reader): Sort {
  const byte = reader.byte();
  if (byte === 0x00) return readCoreSort(reader);
  return sorts.get(byte) ?? reader.fail('an unknown sort');
}

/** A name as imports and exports carry it; the attributes some names have are read and left out. */
export function readExternName(reader: Reader): string {
  const form = reader.byte();
  if (form > 0x02) reader.fail(`an unknown form of name, ${form},`);
  const name = reader.name();
  if (form === 0x02) reader.list(skipAttribute);
  return name;
}

function skipAttribute(reader: Reader): void {
  reader.byte();
  reader.name();
}

/** `name sort index`, as the arguments of an instantiation have it. */
export function readArgument(reader: Reader): Export {
  return { name: reader.name(), sort: readSort(reader), index: reader.u32() };
}

export function readInlineExport(reader: Reader): Export {
  return { name: readExternName(reader), sort: readSort(reader), index: reader.u32() };
}

export function readCoreInlineExport(reader: Reader): Export {
  return { name: reader.name(), sort: readCoreSort(reader), index: reader.u32() };
}

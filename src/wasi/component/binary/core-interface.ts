import { type CoreSection, readCoreSections, sectionId } from './core-module.ts';
import {
  type CoreKind,
  type GlobalType,
  type Limits,
  readCoreKind,
  readGlobalType,
  readLimits,
  skipConstantExpression,
  skipValueType,
} from './core-types.ts';
import { Reader } from './reader.ts';

/** An import of a core module, with what others must know of its type. */
export interface CoreImport {
  readonly module: string;
  readonly name: string;
  readonly kind: CoreKind;
  /** The index of a function's type. */
  readonly functionType?: number;
  readonly memory?: Limits;
  readonly global?: GlobalType;
}

export interface CoreExport {
  readonly name: string;
  readonly kind: CoreKind;
  readonly index: number;
}

/** What a core module shows and keeps: imports, exports, memories and globals, but no code. */
export interface CoreInterface {
  readonly sections: readonly CoreSection[];
  readonly imports: readonly CoreImport[];
  readonly exports: readonly CoreExport[];
  /** Memories that the module defines itself. */
  readonly memories: readonly Limits[];
  /** Globals that the module defines itself. */
  readonly globals: readonly GlobalType[];
}

export function readCoreInterface(bytes: Uint8Array): CoreInterface {
  const sections = readCoreSections(bytes);
  function contents<T>(id: number, item: (reader: Reader) => T): T[] {
    const section = sections.find((candidate) => candidate.id === id);
    if (section === undefined) return [];
    return new Reader(bytes, section.start, section.end).list(item);
  }
  return {
    sections,
    imports: contents(sectionId.import, readImport),
    exports: contents(sectionId.export, readExport),
    memories: contents(sectionId.memory, readLimits),
    globals: contents(sectionId.global, readGlobal),
  };
}

export function hasSection(core: CoreInterface, id: number): boolean {
  return core.sections.some((section) => section.id === id);
}

function readImport(reader: Reader): CoreImport {
  const module = reader.name();
  const name = reader.name();
  const kind = readCoreKind(reader);
  const base = { module, name, kind };
  switch (kind) {
    case 'function':
      return { ...base, functionType: reader.u32() };
    case 'table':
      skipValueType(reader);
      readLimits(reader);
      return base;
    case 'memory':
      return { ...base, memory: readLimits(reader) };
    case 'global':
      return { ...base, global: readGlobalType(reader) };
    case 'tag':
      reader.byte();
      reader.u32();
      return base;
    default:
      return kind satisfies never;
  }
}

function readExport(reader: Reader): CoreExport {
  return { name: reader.name(), kind: readCoreKind(reader), index: reader.u32() };
}

function readGlobal(reader: Reader): GlobalType {
  const type = readGlobalType(reader);
  skipConstantExpression(reader);
  return type;
}

import { type CoreInterface, readCoreInterface } from '../binary/core-interface.ts';
import { type CoreSection, sectionId } from '../binary/core-module.ts';
import { type GlobalType, skipValueType } from '../binary/core-types.ts';
import { Reader } from '../binary/reader.ts';
import { BodyRewriter } from './body-rewriter.ts';
import { ByteWriter } from './byte-writer.ts';
import { MemoryHelpers } from './memory-helpers.ts';
import {
  SectionWriter,
  sectionOrder,
  type WriteItem,
  writeFunctionType,
  writeSection,
} from './section-writer.ts';
import { UnresettableModule } from './unresettable-module.ts';

/** The export that holds one byte for each page of memory: 1 where it was written. */
export const dirtyMapExport = '\0dirty';

/** The memory that the module defines, exported whether the module does so or not. */
export const ownMemoryExport = '\0memory';

/** Exported mutable globals are named by this and a number. */
export const globalExportPrefix = '\0global';

/** The global that holds the size which the module believes its memory to have, where that is virtual. */
export const pagesExport = `${globalExportPrefix}-pages`;

/** The import through which a module that imports its memory marks pages of the owner's map. */
export const dirtyMapImport = { module: '\0reset', name: 'dirty' } as const;

export interface RewriteOptions {
  /**
   * Whether memory.grow and memory.size work on a size of their own, so that a reset can undo
   * growth. A second module that imports the memory must then leave its size alone.
   */
  readonly virtualGrowth: boolean;
}

const v128 = 0x7b;
const funcref = 0x70;
const externref = 0x6f;
const maximumMapPages = 16;
/** The memory of the marks; there is one other. */
const dirtyMap = 1;

/**
 * Rewrites a core module so that its instances can be reset: every mutable global is exported, and
 * everything that writes to memory first marks the 4 KiB page in a map of its own.
 *
 * @throws {UnresettableModule} with the reason, if instances cannot be reset
 * @throws {MalformedBinary} if the bytes are no core module
 */
export function rewriteForReset(
  bytes: Uint8Array,
  options: RewriteOptions,
): Uint8Array<ArrayBuffer> {
  return new Rewriter(bytes, options).rewrite();
}

class Rewriter {
  readonly #bytes: Uint8Array;
  readonly #core: CoreInterface;
  readonly #helpers: MemoryHelpers;
  readonly #ownsMemory: boolean;
  readonly #importsMemory: boolean;
  readonly #virtualGrowth: boolean;
  /** Whether the memory's size is another module's and virtual. */
  readonly #foreignSize: boolean;
  readonly #code: ByteWriter;

  constructor(bytes: Uint8Array, options: RewriteOptions) {
    this.#bytes = bytes;
    this.#core = readCoreInterface(bytes);
    const imported = this.#core.imports.filter((item) => item.kind === 'memory');
    checkMemories(this.#core);
    checkNames(this.#core);
    this.#ownsMemory = this.#core.memories.length > 0;
    this.#importsMemory = imported.length > 0;
    this.#virtualGrowth = options.virtualGrowth && this.#ownsMemory;
    this.#foreignSize = options.virtualGrowth && this.#importsMemory;
    this.#helpers = new MemoryHelpers({
      firstFunction: this.#importedCount('function') + this.#definedFunctions(),
      dirtyMap,
      pages: this.#virtualGrowth ? this.#globals().length : undefined,
    });
    this.#code = new ByteWriter(bytes.length * 2);
  }

  rewrite(): Uint8Array<ArrayBuffer> {
    const code = this.#rewriteCode();
    const out = new ByteWriter(this.#bytes.length + code.length + 4096);
    out.bytes(this.#bytes.subarray(0, 8));
    const sections = new SectionWriter(this.#bytes, this.#core.sections, out);
    for (const id of sectionOrder) {
      if (id !== sectionId.code) this.#writeSection(sections, id);
      else if (code.length > 0) writeSection(out, id, () => out.bytes(code));
    }
    sections.copyNames();
    return out.result();
  }

  #writeSection(sections: SectionWriter, id: number): void {
    const helpers = this.#helpers.functions;
    switch (id) {
      case sectionId.type:
        sections.extend(
          id,
          helpers.map(({ parameters, results }) => writeFunctionType(parameters, results)),
        );
        return;
      case sectionId.import:
        sections.extend(id, this.#importsMemory ? [writeDirtyMapImport] : []);
        return;
      case sectionId.function:
        sections.extend(id, this.#helperTypeIndices());
        return;
      case sectionId.memory:
        sections.extend(id, this.#ownsMemory ? [this.#dirtyMap()] : []);
        return;
      case sectionId.global:
        sections.extend(id, this.#virtualGrowth ? [this.#pagesGlobal()] : []);
        return;
      case sectionId.export:
        sections.extend(id, [...this.#globalExports(), ...this.#memoryExports()]);
        return;
      default:
        sections.copy(id);
    }
  }

  #sectionReader(section: CoreSection | undefined): Reader | undefined {
    return section && new Reader(this.#bytes, section.start, section.end);
  }

  /** The code section's contents, with the helpers behind the module's own functions. */
  #rewriteCode(): Uint8Array {
    const section = this.#core.sections.find((candidate) => candidate.id === sectionId.code);
    const reader = this.#sectionReader(section);
    if (reader === undefined) return new Uint8Array();
    const count = reader.count();
    for (let left = count; left > 0; left--) {
      const body = reader.section(reader.u32());
      this.#code.sized(() => this.#rewriteBody(body));
    }
    const out = new ByteWriter(this.#code.length + 4096);
    out.u32(count + this.#helpers.functions.length);
    out.bytes(this.#code.result());
    for (const { body } of this.#helpers.functions) out.sized(() => out.bytes(body));
    return out.result();
  }

  #rewriteBody(body: Reader): void {
    const init = { helpers: this.#helpers, dirtyMap, foreignSize: this.#foreignSize };
    new BodyRewriter(init).rewrite(body, this.#code);
  }

  #importedCount(kind: string): number {
    return this.#core.imports.filter((item) => item.kind === kind).length;
  }

  #definedFunctions(): number {
    const section = this.#core.sections.find((candidate) => candidate.id === sectionId.function);
    return this.#sectionReader(section)?.u32() ?? 0;
  }

  /** All globals in index order, imported ones first. */
  #globals(): GlobalType[] {
    const imported = this.#core.imports.flatMap((item) => item.global ?? []);
    return [...imported, ...this.#core.globals];
  }

  #helperTypeIndices(): WriteItem[] {
    const section = this.#core.sections.find((candidate) => candidate.id === sectionId.type);
    const reader = this.#sectionReader(section);
    const first = reader === undefined ? 0 : countFunctionTypes(reader);
    return this.#helpers.functions.map((_, index) => (out) => out.u32(first + index));
  }

  #dirtyMap(): WriteItem {
    const maximum = this.#core.memories[0]?.maximum ?? 65536;
    const pages = Math.min(maximumMapPages, Math.max(1, Math.ceil(maximum / 4096)));
    return (out) => {
      out.byte(1);
      out.u32(pages);
      out.u32(pages);
    };
  }

  #pagesGlobal(): WriteItem {
    const minimum = this.#core.memories[0]?.minimum ?? 0;
    return (out) => {
      out.bytes([0x7f, 1, 0x41]);
      out.s32(minimum);
      out.byte(0x0b);
    };
  }

  #globalExports(): WriteItem[] {
    const imported = this.#importedCount('global');
    const own = this.#core.globals.flatMap((type, index) =>
      type.mutable ? [imported + index] : [],
    );
    const named = own.map((index): [string, number] => [`${globalExportPrefix}${index}`, index]);
    if (this.#virtualGrowth) named.push([pagesExport, this.#globals().length]);
    return named.map(([name, index]) => (out) => {
      out.name(name);
      out.byte(3);
      out.u32(index);
    });
  }

  #memoryExports(): WriteItem[] {
    if (!this.#ownsMemory) return [];
    return [ownMemoryExport, dirtyMapExport].map((name, index) => (out) => {
      out.name(name);
      out.bytes([2, index]);
    });
  }
}

function writeDirtyMapImport(out: ByteWriter): void {
  out.name(dirtyMapImport.module);
  out.name(dirtyMapImport.name);
  out.bytes([2, 0, 1]);
}

/** The number of types, where each is a function's; others could not be counted by their entries. */
function countFunctionTypes(reader: Reader): number {
  return reader.list((inner) => {
    if (inner.byte() !== 0x60) {
      throw new UnresettableModule('garbage-collection', 'it has types that are no functions');
    }
    inner.list(skipValueType);
    inner.list(skipValueType);
  }).length;
}

function checkMemories(core: CoreInterface): void {
  const imported = core.imports.flatMap((item) => item.memory ?? []);
  const memories = [...imported, ...core.memories];
  if (memories.length > 1) throw new UnresettableModule('several-memories', 'it has two memories');
  if (memories.some((memory) => memory.is64)) {
    throw new UnresettableModule('memory64', 'its memory has 64-bit addresses');
  }
  if (memories.some((memory) => memory.shared)) {
    throw new UnresettableModule('shared-memory', 'its memory is shared between threads');
  }
  if (core.globals.some((global) => global.mutable && !isReadable(global))) {
    throw new UnresettableModule('unreadable-global', 'JavaScript cannot read one of its globals');
  }
}

/** What the rewriter adds must be what it says, and nobody else's. */
function checkNames({ imports, exports }: CoreInterface): void {
  const names = [...imports.map(({ module }) => module), ...exports.map(({ name }) => name)];
  if (names.some((name) => name.startsWith('\0'))) {
    throw new UnresettableModule('reserved-name', 'one of its names begins with a zero');
  }
}

/** Whether JavaScript can read and restore a global exactly. */
function isReadable(global: GlobalType): boolean {
  const type = global.valueType;
  return (type > v128 && type <= 0x7f) || type === funcref || type === externref;
}

import { ByteReader } from './byte-reader.ts';
import { readComponentExport, readComponentImport } from './component-names.ts';
import { readModuleExport, readModuleImport } from './module-names.ts';
import { WasmFile, type WasmKind } from './sections.ts';

/** What a WebAssembly file needs from outside and offers to it. */
export interface WasmDescription {
  readonly kind: WasmKind;
  /** For a module `module.name`, for a component the interface, such as `wasi:cli/stdout@0.2.0`. */
  readonly imports: readonly string[];
  readonly exports: readonly string[];
}

const readers = {
  module: {
    importSection: 2,
    exportSection: 7,
    readImport: readModuleImport,
    readExport: readModuleExport,
  },
  component: {
    importSection: 10,
    exportSection: 11,
    readImport: readComponentImport,
    readExport: readComponentExport,
  },
} as const;

/**
 * Reads what a module or a component imports and exports, without compiling it.
 * https://webassembly.github.io/spec/core/binary/modules.html
 * https://github.com/WebAssembly/component-model/blob/main/design/mvp/Binary.md
 *
 * @throws OciError `InvalidModule`
 */
export async function describeWasm(file: string): Promise<WasmDescription> {
  await using wasm = await WasmFile.open(file);
  const { importSection, exportSection, readImport, readExport } = readers[wasm.kind];
  const imports: string[] = [];
  const exports: string[] = [];
  for await (const section of wasm.sections()) {
    if (section.id !== importSection && section.id !== exportSection) continue;
    const reader = new ByteReader(await wasm.read(section));
    if (section.id === importSection) imports.push(...reader.vector(() => readImport(reader)));
    else exports.push(...reader.vector(() => readExport(reader)));
  }
  return { kind: wasm.kind, imports: [...new Set(imports)], exports };
}

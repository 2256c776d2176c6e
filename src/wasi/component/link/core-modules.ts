import { type CoreInterface, readCoreInterface } from '../binary/core-interface.ts';
import type { CoreKind } from '../binary/core-types.ts';
import type { ModuleItem } from './items.ts';
import { UnsupportedComponent } from './unsupported-component.ts';

/** What a core module's export is. */
export type ExportKind = CoreKind | 'memory64';

/** The core modules of a component, each read once. */
export class CoreModules {
  /** Those that are needed, by the numbers that the plan gives them. */
  readonly needed: Uint8Array[] = [];
  readonly #numbers = new Map<Uint8Array, number>();
  readonly #interfaces = new Map<Uint8Array, CoreInterface>();
  readonly #exports = new Map<Uint8Array, ReadonlyMap<string, ExportKind>>();

  /** The number of a module that is needed. */
  numberOf(bytes: Uint8Array): number {
    const number = this.#numbers.get(bytes) ?? this.needed.push(bytes) - 1;
    this.#numbers.set(bytes, number);
    return number;
  }

  /** What a core module imports and exports. */
  interfaceOf(bytes: Uint8Array): CoreInterface {
    const read = this.#interfaces.get(bytes) ?? readCoreInterface(bytes);
    this.#interfaces.set(bytes, read);
    return read;
  }

  /** @throws {UnsupportedComponent} where the module has no such export */
  exportOf(module: ModuleItem, name: string): ExportKind {
    const found = module.kind === 'inline' ? this.#exportsOf(module.bytes).get(name) : undefined;
    if (found !== undefined) return found;
    throw new UnsupportedComponent('unresolved-index', `core export '${name}' is not defined`);
  }

  #exportsOf(bytes: Uint8Array): ReadonlyMap<string, ExportKind> {
    const exports = this.#exports.get(bytes) ?? kindsOf(this.interfaceOf(bytes));
    this.#exports.set(bytes, exports);
    return exports;
  }
}

function kindsOf({ exports, imports, memories }: CoreInterface): Map<string, ExportKind> {
  const all = [...imports.flatMap((item) => item.memory ?? []), ...memories];
  return new Map(
    exports.map(({ index, kind, name }) => {
      const isWide = kind === 'memory' && all[index]?.is64;
      return [name, isWide ? 'memory64' : kind];
    }),
  );
}

/**
 * A component as its binary defines it: one list per index space, in index order, with names and
 * indices unresolved. See https://github.com/WebAssembly/component-model/blob/main/design/mvp/Binary.md
 */
export interface Component {
  readonly coreModules: CoreModuleDefinition[];
  readonly coreInstances: CoreInstanceDefinition[];
  readonly coreFunctions: CoreFunctionDefinition[];
  readonly coreTables: CoreExportAlias[];
  readonly coreMemories: CoreExportAlias[];
  readonly coreGlobals: CoreExportAlias[];
  readonly coreTags: CoreExportAlias[];
  readonly components: ComponentDefinition[];
  readonly instances: InstanceDefinition[];
  readonly functions: FunctionDefinition[];
  readonly types: TypeDefinition[];
  readonly imports: NamedSort[];
  readonly exports: Export[];
}

/** What an index of the component model refers to. */
export type Sort = CoreSort | 'function' | 'value' | 'type' | 'component' | 'instance';

export type CoreSort =
  | 'core function'
  | 'core table'
  | 'core memory'
  | 'core global'
  | 'core tag'
  | 'core type'
  | 'core module'
  | 'core instance';

export interface NamedSort {
  readonly name: string;
  readonly sort: Sort;
}

export interface Export extends NamedSort {
  readonly index: number;
}

/** An item that comes from outside of the component. */
export interface Imported {
  readonly kind: 'import';
  readonly name: string;
}

/** `index` of an enclosing component's index space, `depth` components up. */
export interface OuterAlias {
  readonly kind: 'outer';
  readonly depth: number;
  readonly index: number;
}

export interface ExportAlias {
  readonly kind: 'alias';
  readonly instance: number;
  readonly name: string;
}

export interface CoreExportAlias {
  readonly kind: 'alias';
  readonly coreInstance: number;
  readonly name: string;
}

export type CoreModuleDefinition =
  | { readonly kind: 'inline'; readonly bytes: Uint8Array }
  | Imported
  | OuterAlias
  | ExportAlias;

export type CoreInstanceDefinition =
  | {
      readonly kind: 'instantiate';
      readonly module: number;
      readonly arguments: readonly { readonly name: string; readonly instance: number }[];
    }
  | { readonly kind: 'exports'; readonly exports: readonly Export[] };

export type CoreFunctionDefinition =
  | CoreExportAlias
  | { readonly kind: 'lower'; readonly function: number; readonly options: CanonicalOptions }
  | {
      readonly kind: 'resource.new' | 'resource.drop' | 'resource.rep';
      readonly type: number;
    }
  | BuiltIn;

/** A built-in of the asynchronous component model (WASI 0.3), and what follows its opcode. */
export interface BuiltIn {
  readonly kind: 'built-in';
  /** As in the specification: `stream.read`. */
  readonly name: string;
  /** Of the stream or future. */
  readonly type?: number;
  readonly options?: CanonicalOptions;
  /** Whether it answers that it is blocked instead of waiting. */
  readonly async?: boolean;
  readonly memory?: number;
  /** Of the task's own storage. */
  readonly slot?: number;
}

/** How a function crosses the canonical ABI; the numbers are core function and memory indices. */
export interface CanonicalOptions {
  readonly encoding: 'utf8' | 'utf16' | 'latin1+utf16';
  readonly memory?: number;
  readonly realloc?: number;
  readonly postReturn?: number;
  readonly callback?: number;
  readonly async: boolean;
}

export type ComponentDefinition =
  | { readonly kind: 'inline'; readonly component: Component }
  | Imported
  | OuterAlias
  | ExportAlias;

export type InstanceDefinition =
  | Imported
  | ExportAlias
  | {
      readonly kind: 'instantiate';
      readonly component: number;
      readonly arguments: readonly Export[];
    }
  | { readonly kind: 'exports'; readonly exports: readonly Export[] };

export type FunctionDefinition =
  | Imported
  | ExportAlias
  | {
      readonly kind: 'lift';
      readonly coreFunction: number;
      readonly options: CanonicalOptions;
      readonly type: number;
    };

export type TypeDefinition =
  | Imported
  | OuterAlias
  | ExportAlias
  | { readonly kind: 'resource'; readonly destructor: number | undefined }
  | { readonly kind: 'stream' | 'future'; readonly elementSize: ElementSize }
  | { readonly kind: 'value' | 'function' | 'component' | 'instance' };

/** Bytes of an item that is a number, 0 where there is none; undefined for all other types. */
export type ElementSize = 0 | 1 | 2 | 4 | 8 | undefined;

/** A component without any definition, to be filled by the decoder. */
export function emptyComponent(): Component {
  return {
    coreModules: [],
    coreInstances: [],
    coreFunctions: [],
    coreTables: [],
    coreMemories: [],
    coreGlobals: [],
    coreTags: [],
    components: [],
    instances: [],
    functions: [],
    types: [],
    imports: [],
    exports: [],
  };
}

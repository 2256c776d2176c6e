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
  /** The index space that each definition belongs to, in the order of the file. */
  readonly order: Space[];
}

/** An index space. */
export type Space = Exclude<keyof Component, 'imports' | 'exports' | 'order'>;

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
  /** Index of its type; for an imported type, of the one that it must be equal to, if there is one. */
  readonly type?: number;
}

/** An export is also a new name, with an index of its own, for what it exports. */
export interface Repeated {
  readonly kind: 'same';
  readonly index: number;
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
  | Repeated
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
  /** What a task returns. */
  readonly result?: ValueTypeReference;
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
  | Repeated
  | OuterAlias
  | ExportAlias;

export type InstanceDefinition =
  | Imported
  | Repeated
  | ExportAlias
  | {
      readonly kind: 'instantiate';
      readonly component: number;
      readonly arguments: readonly Export[];
    }
  | { readonly kind: 'exports'; readonly exports: readonly Export[] };

export type FunctionDefinition =
  | Imported
  | Repeated
  | ExportAlias
  | {
      readonly kind: 'lift';
      readonly coreFunction: number;
      readonly options: CanonicalOptions;
      readonly type: number;
    };

export type TypeDefinition =
  | Imported
  | Repeated
  | OuterAlias
  | ExportAlias
  | { readonly kind: 'resource'; readonly destructor: number | undefined }
  | FunctionTypeDefinition
  | { readonly kind: 'instance'; readonly declarations: readonly Declaration[] }
  | { readonly kind: 'component' }
  | ValueTypeDefinition;

export interface FunctionTypeDefinition {
  readonly kind: 'function';
  readonly async: boolean;
  readonly parameters: readonly ValueTypeReference[];
  readonly result: ValueTypeReference | undefined;
}

/** The index of a type, or a primitive type. */
export type ValueTypeReference = number | PrimitiveType;

export const primitiveTypes = [
  'bool',
  's8',
  'u8',
  's16',
  'u16',
  's32',
  'u32',
  's64',
  'u64',
  'f32',
  'f64',
  'char',
  'string',
] as const;
export type PrimitiveType = (typeof primitiveTypes)[number] | 'error-context';

/** A value's type as far as its representation goes: a record is a tuple, an enumeration a variant. */
export type ValueTypeDefinition =
  | { readonly kind: 'primitive'; readonly type: PrimitiveType }
  | { readonly kind: 'tuple'; readonly items: readonly ValueTypeReference[] }
  | { readonly kind: 'variant'; readonly cases: readonly (ValueTypeReference | undefined)[] }
  | { readonly kind: 'flags'; readonly count: number }
  /** Of a fixed length, where there is one. */
  | { readonly kind: 'list'; readonly item: ValueTypeReference; readonly length?: number }
  | {
      readonly kind: 'map';
      readonly key: ValueTypeReference;
      readonly value: ValueTypeReference;
    }
  | { readonly kind: 'own' | 'borrow'; readonly resource: number }
  | { readonly kind: 'stream' | 'future'; readonly item: ValueTypeReference | undefined };

/** What an instance's type says, in the order of its own index spaces of types and instances. */
export type Declaration =
  | { readonly kind: 'type'; readonly type: TypeDefinition }
  /** `type` is the index of its type; for an exported type, of the one it is equal to, if there is one. */
  | {
      readonly kind: 'export';
      readonly name: string;
      readonly sort: Sort;
      readonly type: number | undefined;
    };

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
    order: [],
  };
}

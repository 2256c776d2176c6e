import type { Component, FunctionDefinition, PrimitiveType } from '../binary/component.ts';
import type { Frame } from './frame.ts';
import { UnsupportedComponent } from './unsupported-component.ts';

/** What a definition of a component stands for in one instantiation, by its sort: all is resolved. */
export interface Items {
  readonly function: FunctionItem;
  readonly instance: InstanceItem;
  readonly type: TypeItem;
  readonly component: ComponentItem;
  readonly 'core module': ModuleItem;
}

export type Item = {
  readonly [S in keyof Items]: { readonly sort: S; readonly item: Items[S] };
}[keyof Items];

export type FunctionItem =
  | { readonly kind: 'host'; readonly interface: string; readonly name: string }
  | { readonly kind: 'lift'; readonly frame: Frame; readonly definition: LiftDefinition };

export type LiftDefinition = Extract<FunctionDefinition, { kind: 'lift' }>;

export type InstanceItem =
  /** What its type declares of types and instances; functions need no declaration. */
  | { readonly kind: 'host'; readonly name: string; readonly declared: Exports }
  | { readonly kind: 'exports'; readonly exports: Exports };

export type Exports = ReadonlyMap<string, Item>;

/** A component, and where it was defined: there it finds what it refers to outside of itself. */
export type ComponentItem =
  | { readonly kind: 'inline'; readonly component: Component; readonly outer: Frame }
  | { readonly kind: 'import'; readonly name: string };

export type ModuleItem =
  | { readonly kind: 'inline'; readonly bytes: Uint8Array }
  | { readonly kind: 'import'; readonly name: string };

export type TypeItem =
  | ValueTypeItem
  | {
      readonly kind: 'function';
      readonly async: boolean;
      readonly parameters: readonly TypeItem[];
      readonly result: TypeItem | undefined;
    }
  | { readonly kind: 'resource'; readonly resource: ResourceItem }
  /** An instance's type, to be looked into for each import of it. */
  | { readonly kind: 'instance'; readonly declare: (imported: string) => Exports }
  | { readonly kind: 'component' };

export type ValueTypeItem =
  | { readonly kind: 'primitive'; readonly type: PrimitiveType }
  | { readonly kind: 'tuple'; readonly items: readonly TypeItem[] }
  | { readonly kind: 'variant'; readonly cases: readonly (TypeItem | undefined)[] }
  | { readonly kind: 'flags'; readonly count: number }
  | { readonly kind: 'list'; readonly item: TypeItem; readonly length?: number }
  | { readonly kind: 'own' | 'borrow'; readonly resource: TypeItem }
  | { readonly kind: 'stream' | 'future'; readonly item: TypeItem | undefined };

export type ResourceItem =
  | { readonly kind: 'host'; readonly interface: string; readonly name: string }
  /** `destructor` is a core function of the component that defines it, which is `frame`. */
  | {
      readonly kind: 'guest';
      readonly id: number;
      readonly frame: Frame;
      readonly destructor: number | undefined;
    };

/** Item `index` of an index space, or a clear error where the file refers to nothing. */
export function itemAt<T>(space: readonly T[], index: number, what: string): T {
  const item = space[index];
  if (item === undefined) {
    throw new UnsupportedComponent('unresolved-index', `${what} ${index} is not defined`);
  }
  return item;
}

/** The export of that name, which must be of that sort. */
export function exportNamed<S extends keyof Items>(
  exports: Exports,
  name: string,
  sort: S,
): Items[S] {
  const found = exports.get(name);
  if (found?.sort === sort) return found.item as Items[S]; // an item is of its sort
  throw new UnsupportedComponent('unresolved-index', `${sort} '${name}' is not exported`);
}

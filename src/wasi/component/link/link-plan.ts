import type { StringEncoding } from '../abi/strings.ts';
import type { PrimitiveType } from '../binary/component.ts';

/**
 * How to bring a component to life, worked out once from its binary and plain data throughout, so
 * that it can be kept in a file beside the image.
 */
export interface LinkPlan {
  /** Core module instances in the order of instantiation. */
  readonly instances: readonly PlannedInstance[];
  /** The memories and allocators through which lowered functions pass strings and lists. */
  readonly scopes: readonly CanonicalScope[];
  readonly exports: readonly PlannedExport[];
  /** The types of what components inside pass to each other; they refer to each other by index. */
  readonly types?: readonly PlannedType[];
  /** How many components with handles of their own it is made of. @default 1 */
  readonly parts?: number;
}

export interface PlannedInstance {
  /** Index among the core modules that are kept with the plan. */
  readonly module: number;
  readonly imports: readonly PlannedImport[];
}

export interface PlannedImport {
  readonly module: string;
  readonly name: string;
  readonly source: CoreSource;
}

/** Where an import of a core module comes from. */
export type CoreSource =
  | HostFunctionSource
  | ResourceDropSource
  | GuestResourceSource
  | BuiltInSource
  | ComposedSource
  | TrapSource
  | CoreItem;

export interface HostFunctionSource {
  readonly kind: 'host';
  /** As {@link interfaceName} spells it: `wasi:io/streams` for every 0.2 version. */
  readonly interface: string;
  readonly function: string;
  readonly scope: number;
  /** Whether the call returns before the function does, which then is a subtask. */
  readonly async?: boolean;
}

/** A built-in of the asynchronous component model. */
export interface BuiltInSource {
  readonly kind: 'built-in';
  /** As the specification has it: `stream.read`. */
  readonly name: string;
  readonly scope: number;
  /** Whether it answers that it is blocked instead of waiting. */
  readonly async: boolean;
  /** Of the items of its stream or future. */
  readonly elementSize?: ElementSize;
  /** Of the task's own storage. */
  readonly slot?: number;
}

/** Bytes of an item that is a number, 0 where there is none; undefined for all other types. */
export type ElementSize = 0 | 1 | 2 | 4 | 8 | undefined;

export interface ResourceDropSource {
  readonly kind: 'drop';
  /** Whose handle it is. @default 0 */
  readonly part?: number;
  readonly interface: string;
  readonly resource: string;
}

/** What a guest does with the handles of a resource type of its own. */
export interface GuestResourceSource {
  readonly kind: 'guest-resource';
  readonly operation: 'new' | 'rep' | 'drop';
  /** Number of the type among all of the components'. */
  readonly type: number;
  readonly destructor?: CoreItem;
  /** Whose destructor it is, where that is another component. */
  readonly destructorPart?: number;
  /** Whose handle it is. @default 0 */
  readonly part?: number;
}

/** A function of another component inside. */
export interface ComposedSource {
  readonly kind: 'composed';
  /** The caller's. */
  readonly scope: number;
  readonly callee: PlannedFunction;
  /** Of its parameters and its result, as indices of {@link LinkPlan.types}. */
  readonly parameters: readonly number[];
  readonly result?: number;
  /** Whether the function is `async` in WIT, so that it may wait for other components. */
  readonly waits?: boolean;
  /** Whether the call returns before the function does, which then is a subtask. */
  readonly async?: boolean;
}

/** A function that is never to be called. */
export interface TrapSource {
  readonly kind: 'trap';
  readonly reason: string;
}

/** An export of an instance that the plan makes earlier; `instance` is its index in the plan. */
export interface CoreItem {
  readonly kind: 'core';
  readonly instance: number;
  readonly name: string;
}

export interface CanonicalScope {
  readonly memory: CoreItem | undefined;
  readonly realloc: CoreItem | undefined;
  /** How strings are in the memory. @default 'utf8' */
  readonly encoding?: StringEncoding;
  /** The component whose handles these are. @default 0 */
  readonly part?: number;
}

/** A lifted function: how it is called. */
export interface PlannedFunction {
  readonly core: CoreItem;
  readonly scope: number;
  readonly postReturn: CoreItem | undefined;
  readonly abi: LiftedAbi;
}

/** A function that the component exports as part of an interface. */
export interface PlannedExport extends PlannedFunction {
  readonly interface: string;
  readonly function: string;
}

/** How an exported function gives its result, and its thread back. */
export type LiftedAbi =
  /** By returning. */
  | { readonly kind: 'sync' }
  /** By `task.return`; it waits by being suspended. */
  | { readonly kind: 'stackful' }
  /** By `task.return`; it returns to wait, and is called back for every event. */
  | { readonly kind: 'callback'; readonly callback: CoreItem };

/** A type of values; the numbers are indices of {@link LinkPlan.types}. */
export type PlannedType =
  | { readonly kind: 'primitive'; readonly type: PrimitiveType }
  | { readonly kind: 'tuple'; readonly items: readonly number[] }
  /** A case without a payload is null. */
  | { readonly kind: 'variant'; readonly cases: readonly (number | null)[] }
  | { readonly kind: 'flags'; readonly count: number }
  | { readonly kind: 'list'; readonly item: number; readonly length?: number }
  | { readonly kind: 'own' | 'borrow'; readonly resource: PlannedResource }
  /** Without items, it is null. */
  | { readonly kind: 'stream' | 'future'; readonly item: number | null };

export type PlannedResource =
  | { readonly kind: 'host'; readonly interface: string; readonly name: string }
  /** `part` is the component that defines it. */
  | { readonly kind: 'guest'; readonly type: number; readonly part: number };

import type { StringEncoding } from '../abi/strings.ts';
import type { ElementSize } from '../binary/component.ts';

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
}

export interface PlannedInstance {
  /** Index of the core module within the component. */
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

export interface ResourceDropSource {
  readonly kind: 'drop';
  readonly interface: string;
  readonly resource: string;
}

/** What a guest does with the handles of a resource type of its own. */
export interface GuestResourceSource {
  readonly kind: 'guest-resource';
  readonly operation: 'new' | 'rep' | 'drop';
  /** Index of the type. */
  readonly type: number;
  readonly destructor?: CoreItem;
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
}

/** A function that the component exports as part of an interface. */
export interface PlannedExport {
  readonly interface: string;
  readonly function: string;
  readonly core: CoreItem;
  readonly scope: number;
  readonly postReturn: CoreItem | undefined;
  readonly abi: LiftedAbi;
}

/** How an exported function gives its result, and its thread back. */
export type LiftedAbi =
  /** By returning. */
  | { readonly kind: 'sync' }
  /** By `task.return`; it waits by being suspended. */
  | { readonly kind: 'stackful' }
  /** By `task.return`; it returns to wait, and is called back for every event. */
  | { readonly kind: 'callback'; readonly callback: CoreItem };

import type { Component } from '../binary/component.ts';
import type {
  ComponentItem,
  Exports,
  FunctionItem,
  InstanceItem,
  Item,
  Items,
  ModuleItem,
  TypeItem,
} from './items.ts';

/** The types that a definition may refer to by index, of the component or type around it too. */
export interface TypeScope {
  readonly types: readonly TypeItem[];
  readonly outer: TypeScope | undefined;
}

/**
 * One instantiation of a component: what its index spaces hold, filled in the order of the file.
 * The root's imports are the host's, those of all others are given by who instantiates it.
 */
export class Frame implements TypeScope {
  readonly component: Component;
  /** The frame in which the component was defined. */
  readonly outer: Frame | undefined;
  /** The frame that instantiates it. */
  readonly parent: Frame | undefined;
  readonly given: Exports | undefined;
  readonly types: TypeItem[] = [];
  readonly functions: FunctionItem[] = [];
  readonly instances: InstanceItem[] = [];
  readonly components: ComponentItem[] = [];
  readonly coreModules: ModuleItem[] = [];

  constructor(
    component: Component,
    around: { readonly outer?: Frame; readonly parent?: Frame; readonly given?: Exports } = {},
  ) {
    this.component = component;
    this.outer = around.outer;
    this.parent = around.parent;
    this.given = around.given;
  }

  /** Whether this frame was instantiated by the other, or by what that instantiated. */
  isWithin(other: Frame): boolean {
    for (let frame: Frame | undefined = this; frame !== undefined; frame = frame.parent) {
      if (frame === other) return true;
    }
    return false;
  }

  /** What the component exports, once all is there. */
  exports(): Exports {
    return new Map(
      this.component.exports.flatMap(({ name, sort, index }) => {
        const item = this.item(sort, index);
        return item === undefined ? [] : [[name, item] as const];
      }),
    );
  }

  item(sort: string, index: number): Item | undefined {
    switch (sort) {
      case 'function':
        return found(sort, this.functions[index]);
      case 'instance':
        return found(sort, this.instances[index]);
      case 'type':
        return found(sort, this.types[index]);
      case 'component':
        return found(sort, this.components[index]);
      case 'core module':
        return found(sort, this.coreModules[index]);
      default:
        return undefined;
    }
  }
}

function found<S extends keyof Items>(sort: S, item: Items[S] | undefined): Item | undefined {
  // Sort and item are of one kind of Item, which the compiler does not see through the type parameter.
  return item && ({ sort, item } as Item);
}

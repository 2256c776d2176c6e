import type {
  Component,
  ComponentDefinition,
  CoreModuleDefinition,
  Export,
  FunctionDefinition,
  InstanceDefinition,
  Space,
  TypeDefinition,
} from '../binary/component.ts';
import { Frame } from './frame.ts';
import {
  type ComponentItem,
  type Exports,
  exportNamed,
  type FunctionItem,
  type InstanceItem,
  type Item,
  type Items,
  itemAt,
  type ModuleItem,
  type TypeItem,
} from './items.ts';
import { aliasedType, hostInstance, typeItem } from './type-items.ts';
import { UnsupportedComponent } from './unsupported-component.ts';

/** As many as other runtimes take, of all components together. */
const mostInstances = 1000;
/** How deep components may instantiate one another. */
const deepestNesting = 100;
/** The most definitions, counted anew for each instantiation. */
const mostDefinitions = 1_000_000;

/** Told of every core instance that a frame makes, in the order in which they are to be made. */
export type OnCoreInstance = (frame: Frame, index: number) => unknown;

/** Instantiates a component and those inside of it, on paper: all is resolved, and nothing runs. */
export class Instantiator {
  readonly #onCoreInstance: OnCoreInstance;
  #frames = 0;
  #definitions = 0;
  #resources = 0;
  #depth = 0;

  constructor({ onCoreInstance }: { readonly onCoreInstance: OnCoreInstance }) {
    this.#onCoreInstance = onCoreInstance;
  }

  /** @throws {UnsupportedComponent} for one that is too large, or refers to nothing */
  instantiateRoot(component: Component): Frame {
    return this.#fill(new Frame(component));
  }

  #fill(frame: Frame): Frame {
    if (++this.#frames > mostInstances) throw tooLarge(`more than ${mostInstances} instances`);
    if (++this.#depth > deepestNesting) throw tooLarge(`nested deeper than ${deepestNesting}`);
    const next = new Map<Space, number>();
    for (const space of frame.component.order) {
      const index = next.get(space) ?? 0;
      next.set(space, index + 1);
      this.#spend();
      this.#define(frame, space, index);
    }
    this.#depth--;
    return frame;
  }

  readonly #spend = (): void => {
    if (++this.#definitions > mostDefinitions) {
      throw tooLarge(`more than ${mostDefinitions} definitions`);
    }
  };

  #define(frame: Frame, space: Space, index: number): void {
    const { component } = frame;
    switch (space) {
      case 'types':
        frame.types.push(this.#type(frame, itemAt(component.types, index, 'type')));
        return;
      case 'functions':
        frame.functions.push(functionItem(frame, itemAt(component.functions, index, 'function')));
        return;
      case 'instances':
        frame.instances.push(this.#instance(frame, itemAt(component.instances, index, 'instance')));
        return;
      case 'components':
        frame.components.push(
          componentItem(frame, itemAt(component.components, index, 'component')),
        );
        return;
      case 'coreModules':
        frame.coreModules.push(
          moduleItem(frame, itemAt(component.coreModules, index, 'core module')),
        );
        return;
      case 'coreInstances':
        this.#onCoreInstance(frame, index);
        return;
      default:
        return; // Core items are looked up when they are needed.
    }
  }

  #type(frame: Frame, definition: TypeDefinition): TypeItem {
    switch (definition.kind) {
      case 'resource': {
        const { destructor } = definition;
        const id = this.#resources++;
        return { kind: 'resource', resource: { kind: 'guest', id, frame, destructor } };
      }
      case 'same':
        return itemAt(frame.types, definition.index, 'type');
      case 'import': {
        if (frame.given !== undefined) return givenFor(frame.given, definition.name, 'type');
        if (definition.type !== undefined) return itemAt(frame.types, definition.type, 'type');
        const { name } = definition;
        return { kind: 'resource', resource: { kind: 'host', interface: '', name } };
      }
      case 'alias':
        return aliasedType(
          itemAt(frame.instances, definition.instance, 'instance'),
          definition.name,
        );
      default:
        return typeItem(definition, frame, this.#spend);
    }
  }

  #instance(frame: Frame, definition: InstanceDefinition): InstanceItem {
    switch (definition.kind) {
      case 'exports':
        return { kind: 'exports', exports: this.#named(frame, definition.exports) };
      case 'instantiate': {
        const component = itemAt(frame.components, definition.component, 'component');
        if (component.kind === 'import') {
          const what = `it imports a component, '${component.name}'`;
          throw new UnsupportedComponent('component-import', what);
        }
        const given = this.#named(frame, definition.arguments);
        const { outer } = component;
        const inner = this.#fill(new Frame(component.component, { outer, parent: frame, given }));
        return { kind: 'exports', exports: inner.exports() };
      }
      case 'same':
        return itemAt(frame.instances, definition.index, 'instance');
      case 'import':
        if (frame.given !== undefined) return givenFor(frame.given, definition.name, 'instance');
        return hostInstance(frame.types, definition.type, definition.name);
      case 'alias': {
        const instance = itemAt(frame.instances, definition.instance, 'instance');
        if (instance.kind === 'exports') {
          return exportNamed(instance.exports, definition.name, 'instance');
        }
        return { kind: 'host', name: definition.name, declared: new Map() };
      }
      default:
        return definition satisfies never;
    }
  }

  #named(frame: Frame, exports: readonly Export[]): Exports {
    return new Map(
      exports.map(({ name, sort, index }): [string, Item] => {
        this.#spend();
        const item = frame.item(sort, index);
        if (item !== undefined) return [name, item];
        throw new UnsupportedComponent('unresolved-index', `${sort} ${index} is not defined`);
      }),
    );
  }
}

function functionItem(frame: Frame, definition: FunctionDefinition): FunctionItem {
  switch (definition.kind) {
    case 'lift':
      return { kind: 'lift', frame, definition };
    case 'same':
      return itemAt(frame.functions, definition.index, 'function');
    case 'import':
      if (frame.given !== undefined) return givenFor(frame.given, definition.name, 'function');
      return { kind: 'host', interface: '', name: definition.name };
    case 'alias': {
      const instance = itemAt(frame.instances, definition.instance, 'instance');
      if (instance.kind === 'exports') {
        return exportNamed(instance.exports, definition.name, 'function');
      }
      return { kind: 'host', interface: instance.name, name: definition.name };
    }
    default:
      return definition satisfies never;
  }
}

function componentItem(frame: Frame, definition: ComponentDefinition): ComponentItem {
  switch (definition.kind) {
    case 'inline':
      return { kind: 'inline', component: definition.component, outer: frame };
    case 'same':
      return itemAt(frame.components, definition.index, 'component');
    case 'import':
      if (frame.given !== undefined) return givenFor(frame.given, definition.name, 'component');
      return { kind: 'import', name: definition.name };
    case 'alias':
      return exported(frame, definition, 'component') ?? { kind: 'import', name: definition.name };
    case 'outer':
      return itemAt(outerFrame(frame, definition.depth).components, definition.index, 'component');
    default:
      return definition satisfies never;
  }
}

function moduleItem(frame: Frame, definition: CoreModuleDefinition): ModuleItem {
  switch (definition.kind) {
    case 'inline':
      return definition;
    case 'same':
      return itemAt(frame.coreModules, definition.index, 'core module');
    case 'import':
      if (frame.given !== undefined) return givenFor(frame.given, definition.name, 'core module');
      return { kind: 'import', name: definition.name };
    case 'alias':
      return (
        exported(frame, definition, 'core module') ?? { kind: 'import', name: definition.name }
      );
    case 'outer':
      return itemAt(
        outerFrame(frame, definition.depth).coreModules,
        definition.index,
        'core module',
      );
    default:
      return definition satisfies never;
  }
}

/** What an instance exports, if it is not the host's. */
function exported<S extends keyof Items>(
  frame: Frame,
  { instance: index, name }: { readonly instance: number; readonly name: string },
  sort: S,
): Items[S] | undefined {
  const instance = itemAt(frame.instances, index, 'instance');
  return instance.kind === 'exports' ? exportNamed(instance.exports, name, sort) : undefined;
}

function outerFrame(frame: Frame, depth: number): Frame {
  let from: Frame | undefined = frame;
  for (let left = depth; left > 0; left--) from = from?.outer;
  if (from !== undefined) return from;
  throw new UnsupportedComponent('unresolved-index', `there are no ${depth} components around`);
}

function givenFor<S extends keyof Items>(given: Exports, name: string, sort: S): Items[S] {
  if (given.has(name)) return exportNamed(given, name, sort);
  throw new UnsupportedComponent('unresolved-index', `nothing is given for import '${name}'`);
}

function tooLarge(what: string): UnsupportedComponent {
  return new UnsupportedComponent('too-large', `it is ${what}`);
}

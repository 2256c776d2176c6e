import { isBuiltIn } from '../async/built-ins.ts';
import type {
  BuiltIn,
  CanonicalOptions,
  Component,
  CoreFunctionDefinition,
  Export,
} from '../binary/component.ts';
import { readCoreInterface } from '../binary/core-interface.ts';
import {
  type ComponentScope,
  itemAt,
  resolveElementSize,
  resolveFunction,
  resolveInstance,
  resolveResource,
} from './component-scope.ts';
import { interfaceName } from './interface-name.ts';
import type {
  CanonicalScope,
  CoreItem,
  CoreSource,
  LiftedAbi,
  LinkPlan,
  PlannedExport,
  PlannedImport,
  PlannedInstance,
} from './link-plan.ts';
import { findShims, type Shim } from './shim.ts';
import { UnsupportedComponent } from './unsupported-component.ts';

/**
 * Works out how to link a component's core modules with the host and with each other.
 *
 * @throws {UnsupportedComponent} with the reason, for a component of another shape
 */
export function planLink(component: Component): LinkPlan {
  return new Planner(component).plan();
}

type ResourceFunction = Extract<
  CoreFunctionDefinition,
  { type: number; kind: `resource.${string}` }
>;

const operations = {
  'resource.new': 'new',
  'resource.rep': 'rep',
  'resource.drop': 'drop',
} as const;

class Planner {
  readonly #component: Component;
  readonly #root: ComponentScope;
  readonly #shims: readonly Shim[];
  readonly #kept: readonly number[];
  readonly #scopes: CanonicalScope[] = [];

  constructor(component: Component) {
    this.#component = component;
    this.#root = { component };
    this.#shims = findShims(component);
    this.#kept = this.#instancesToMake();
  }

  plan(): LinkPlan {
    const instances = this.#kept.map((index) => this.#planInstance(index));
    const exports = this.#component.exports.flatMap((item) => this.#planExport(item));
    return { instances, scopes: this.#scopes, exports };
  }

  /** Every core instance, but for the shims whose functions all lead to the host. */
  #instancesToMake(): number[] {
    const elided = new Set(
      this.#shims
        .filter((shim) => shim.pure && [...shim.targets.values()].every((it) => this.#isHost(it)))
        .flatMap((shim) => [shim.shim, shim.fixup]),
    );
    return this.#component.coreInstances.flatMap((definition, index) =>
      definition.kind === 'instantiate' && !elided.has(index) ? [index] : [],
    );
  }

  #planInstance(index: number): PlannedInstance {
    const definition = itemAt(this.#component.coreInstances, index, 'core instance');
    if (definition.kind !== 'instantiate') {
      throw new UnsupportedComponent('unresolved-index', `core instance ${index} has no module`);
    }
    const module = itemAt(this.#component.coreModules, definition.module, 'core module');
    if (module.kind !== 'inline') {
      const what = module.kind === 'import' ? `, '${module.name}'` : '';
      throw new UnsupportedComponent('core-module-import', `it imports a core module${what}`);
    }
    const given = new Map(definition.arguments.map((item) => [item.name, item.instance]));
    const imports = readCoreInterface(module.bytes).imports.map((item): PlannedImport => {
      const from = given.get(item.module);
      if (from === undefined) {
        throw new UnsupportedComponent('unresolved-index', `no '${item.module}' is given`);
      }
      return { module: item.module, name: item.name, source: this.#exportOf(from, item.name) };
    });
    return { module: definition.module, imports };
  }

  #exportOf(instance: number, name: string): CoreSource {
    const definition = itemAt(this.#component.coreInstances, instance, 'core instance');
    if (definition.kind === 'exports') {
      const found = definition.exports.find((item) => item.name === name);
      if (found !== undefined) return this.#source(found);
      throw new UnsupportedComponent('unresolved-index', `core export '${name}' is not defined`);
    }
    const target = this.#shims.find((shim) => shim.shim === instance)?.targets.get(name);
    if (target !== undefined && this.#isHost(target)) return this.#source(target);
    return { kind: 'core', instance: this.#kept.indexOf(instance), name };
  }

  #source(item: Export): CoreSource {
    switch (item.sort) {
      case 'core function':
        return this.#functionSource(item.index);
      case 'core table':
        return this.#aliasSource(this.#component.coreTables, item.index);
      case 'core memory':
        return this.#aliasSource(this.#component.coreMemories, item.index);
      case 'core global':
        return this.#aliasSource(this.#component.coreGlobals, item.index);
      case 'core tag':
        return this.#aliasSource(this.#component.coreTags, item.index);
      default:
        throw new UnsupportedComponent('unresolved-index', `'${item.name}' is a ${item.sort}`);
    }
  }

  #aliasSource(
    space: readonly { coreInstance: number; name: string }[],
    index: number,
  ): CoreSource {
    const alias = itemAt(space, index, 'core item');
    return this.#exportOf(alias.coreInstance, alias.name);
  }

  #isHost(item: Export): boolean {
    if (item.sort !== 'core function') return false;
    const kind = itemAt(this.#component.coreFunctions, item.index, 'core function').kind;
    return kind !== 'alias';
  }

  #functionSource(index: number): CoreSource {
    const definition = itemAt(this.#component.coreFunctions, index, 'core function');
    switch (definition.kind) {
      case 'alias':
        return this.#exportOf(definition.coreInstance, definition.name);
      case 'lower':
        return this.#lowered(definition.function, definition.options);
      case 'resource.drop':
      case 'resource.new':
      case 'resource.rep':
        return this.#resource(definition);
      case 'built-in':
        return this.#builtIn(definition);
      default:
        return definition satisfies never;
    }
  }

  #lowered(index: number, options: CanonicalOptions): CoreSource {
    const target = resolveFunction(this.#root, index);
    if (target.kind === 'lift') {
      throw new UnsupportedComponent('composed-component', 'it calls one of its own exports');
    }
    return {
      kind: 'host',
      interface: interfaceName(target.interface),
      function: target.name,
      scope: this.#scope(options),
      ...(options.async && { async: true }),
    };
  }

  #resource({ kind, type }: ResourceFunction): CoreSource {
    const resource = resolveResource(this.#root, type);
    if (resource.kind === 'host') {
      if (kind !== 'resource.drop') {
        throw new UnsupportedComponent('unresolved-index', `'${kind}' of a resource of the host's`);
      }
      return {
        kind: 'drop',
        interface: interfaceName(resource.interface),
        resource: resource.name,
      };
    }
    const { destructor, scope } = resource;
    if (scope !== this.#root) {
      throw new UnsupportedComponent('composed-component', 'a component inside defines a resource');
    }
    return {
      kind: 'guest-resource',
      operation: operations[kind],
      type: resource.index,
      ...(destructor !== undefined && { destructor: this.#functionItem(destructor) }),
    };
  }

  #builtIn({ name, type, options, memory, slot, async = false }: BuiltIn): CoreSource {
    if (!isBuiltIn(name)) {
      throw new UnsupportedComponent(
        'asynchronous-abi',
        `it uses '${name}' of the asynchronous component model`,
      );
    }
    const scope = this.#scope(options ?? { encoding: 'utf8', async, ...optionalMemory(memory) });
    const elementSize = type === undefined ? undefined : resolveElementSize(this.#root, type);
    return {
      kind: 'built-in',
      name,
      scope,
      async,
      ...(elementSize !== undefined && { elementSize }),
      ...(slot !== undefined && { slot }),
    };
  }

  #scope(options: CanonicalOptions): number {
    const scope = {
      memory: this.#optional(options.memory, (index) => this.#memoryItem(index)),
      realloc: this.#optional(options.realloc, (index) => this.#functionItem(index)),
      ...(options.encoding !== 'utf8' && { encoding: options.encoding }),
    };
    const known = this.#scopes.findIndex((it) => JSON.stringify(it) === JSON.stringify(scope));
    return known >= 0 ? known : this.#scopes.push(scope) - 1;
  }

  #optional<T>(index: number | undefined, resolve: (index: number) => T): T | undefined {
    return index === undefined ? undefined : resolve(index);
  }

  #memoryItem(index: number): CoreItem {
    return asCore(this.#aliasSource(this.#component.coreMemories, index));
  }

  #functionItem(index: number): CoreItem {
    return asCore(this.#functionSource(index));
  }

  /** The lifted functions behind an export; types and other exports are of no use to a host. */
  #planExport(item: Export): PlannedExport[] {
    if (item.sort === 'function') {
      return [this.#planFunction('', item.name, this.#root, item.index)];
    }
    if (item.sort !== 'instance') return [];
    const instance = resolveInstance(this.#root, item.index);
    if (instance.kind === 'host') return [];
    return instance.exports
      .filter((inner) => inner.sort === 'function')
      .map((inner) =>
        this.#planFunction(interfaceName(item.name), inner.name, instance.scope, inner.index),
      );
  }

  #planFunction(
    exported: string,
    name: string,
    scope: ComponentScope,
    index: number,
  ): PlannedExport {
    const target = resolveFunction(scope, index);
    if (target.kind !== 'lift' || target.scope !== this.#root) {
      throw new UnsupportedComponent('composed-component', `its export '${name}' is an import`);
    }
    const lift = itemAt(this.#component.functions, target.index, 'function');
    if (lift.kind !== 'lift') {
      throw new UnsupportedComponent('unresolved-index', `export '${name}' is not a function`);
    }
    return {
      interface: exported,
      function: name,
      core: this.#functionItem(lift.coreFunction),
      scope: this.#scope(lift.options),
      postReturn: this.#optional(lift.options.postReturn, (core) => this.#functionItem(core)),
      abi: this.#abi(lift.options),
    };
  }

  #abi({ async, callback }: CanonicalOptions): LiftedAbi {
    if (!async) return { kind: 'sync' };
    if (callback === undefined) return { kind: 'stackful' };
    return { kind: 'callback', callback: this.#functionItem(callback) };
  }
}

function asCore(source: CoreSource): CoreItem {
  if (source.kind === 'core') return source;
  throw new UnsupportedComponent('unresolved-index', 'a memory or allocator is not a core export');
}

function optionalMemory(memory: number | undefined): Pick<CanonicalOptions, 'memory'> {
  return memory === undefined ? {} : { memory };
}

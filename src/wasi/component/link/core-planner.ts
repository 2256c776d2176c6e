import { isBuiltIn } from '../async/built-ins.ts';
import type {
  BuiltIn,
  CanonicalOptions,
  Component,
  CoreFunctionDefinition,
  Export,
} from '../binary/component.ts';
import type { CoreKind } from '../binary/core-types.ts';
import type { ExportKind } from './core-modules.ts';
import type { Frame } from './frame.ts';
import { interfaceName } from './interface-name.ts';
import { type FunctionItem, itemAt, type LiftDefinition, type TypeItem } from './items.ts';
import type {
  ComposedSource,
  CoreItem,
  CoreSource,
  ElementSize,
  LiftedAbi,
  PlannedFunction,
  PlannedImport,
} from './link-plan.ts';
import type { PlanBuilder } from './plan-builder.ts';
import { findShims, type Shim } from './shim.ts';
import { UnsupportedComponent } from './unsupported-component.ts';

type ResourceFunction = Extract<
  CoreFunctionDefinition,
  { type: number; kind: `resource.${string}` }
>;

const operations = {
  'resource.new': 'new',
  'resource.rep': 'rep',
  'resource.drop': 'drop',
} as const;

const numberSizes: Partial<Record<string, ElementSize>> = {
  s8: 1,
  u8: 1,
  s16: 2,
  u16: 2,
  s32: 4,
  u32: 4,
  f32: 4,
  s64: 8,
  u64: 8,
  f64: 8,
};

interface CorePlannerComponents {
  readonly builder: PlanBuilder;
  /** The planner of another frame. */
  readonly plannerOf: (frame: Frame) => CorePlanner;
}

/** Works out where the imports of one component's core modules come from. */
export class CorePlanner {
  readonly #frame: Frame;
  readonly #component: Component;
  readonly #builder: PlanBuilder;
  readonly #plannerOf: (frame: Frame) => CorePlanner;
  readonly #shims: readonly Shim[];
  readonly #bundles = new Map<number, ReadonlyMap<string, Export>>();
  readonly #exported = new WeakMap<CoreItem, ExportKind>();
  /** The numbers of the core instances that are to be made. */
  readonly #numbers: ReadonlyMap<number, number>;

  constructor(frame: Frame, { builder, plannerOf }: CorePlannerComponents) {
    this.#frame = frame;
    this.#component = frame.component;
    this.#builder = builder;
    this.#plannerOf = plannerOf;
    this.#shims = findShims(this.#component);
    this.#numbers = this.#instancesToMake();
  }

  /** Adds a core instance to the plan, unless there is nothing to be made. */
  planInstance(index: number): void {
    const number = this.#numbers.get(index);
    const definition = itemAt(this.#component.coreInstances, index, 'core instance');
    if (number === undefined || definition.kind !== 'instantiate') return;
    const module = itemAt(this.#frame.coreModules, definition.module, 'core module');
    if (module.kind !== 'inline') {
      this.#builder.addInstance(number, module, []);
      return;
    }
    const given = new Map(definition.arguments.map((item) => [item.name, item.instance]));
    const imports = this.#builder.modules
      .interfaceOf(module.bytes)
      .imports.map((item): PlannedImport => {
        const from = given.get(item.module);
        if (from === undefined) {
          throw new UnsupportedComponent('unresolved-index', `no '${item.module}' is given`);
        }
        return { module: item.module, name: item.name, source: this.#exportOf(from, item.name) };
      });
    this.#builder.addInstance(number, module, imports);
  }

  /** How a function that the component lifts is called. */
  planFunction({ coreFunction, options }: LiftDefinition): PlannedFunction {
    return {
      core: this.#functionItem(coreFunction),
      scope: this.#scope(options),
      postReturn: this.#optional(options.postReturn, (core) => this.#functionItem(core)),
      abi: this.#abi(options),
    };
  }

  /** The type of a function that the component lifts. */
  functionType({ type }: LiftDefinition): Extract<TypeItem, { kind: 'function' }> {
    const item = itemAt(this.#frame.types, type, 'type');
    if (item.kind === 'function') return item;
    throw new UnsupportedComponent('unresolved-index', `type ${type} is no function's`);
  }

  /** Every core instance, but for the shims whose functions all lead to the host. */
  #instancesToMake(): ReadonlyMap<number, number> {
    const elided = new Set(
      this.#shims
        .filter((shim) => shim.pure && [...shim.targets.values()].every((it) => this.#isHost(it)))
        .flatMap((shim) => [shim.shim, shim.fixup]),
    );
    return new Map(
      this.#component.coreInstances.flatMap((definition, index) =>
        definition.kind === 'instantiate' && !elided.has(index)
          ? [[index, this.#builder.numberInstance()] as const]
          : [],
      ),
    );
  }

  #exportOf(instance: number, name: string): CoreSource {
    const definition = itemAt(this.#component.coreInstances, instance, 'core instance');
    if (definition.kind === 'exports') {
      const found = this.#bundle(instance, definition.exports).get(name);
      if (found !== undefined) return this.#source(found);
      throw new UnsupportedComponent('unresolved-index', `core export '${name}' is not defined`);
    }
    const target = this.#shims.find((shim) => shim.shim === instance)?.targets.get(name);
    if (target !== undefined && this.#isHost(target)) return this.#source(target);
    const number = this.#numbers.get(instance);
    if (number === undefined) {
      throw new UnsupportedComponent('unresolved-index', `core instance ${instance} is not made`);
    }
    const module = itemAt(this.#frame.coreModules, definition.module, 'core module');
    const item = this.#builder.coreItem(number, name);
    this.#exported.set(item, this.#builder.modules.exportOf(module, name));
    return item;
  }

  /** What is given under one name, by the names of what is in it. */
  #bundle(instance: number, exports: readonly Export[]): ReadonlyMap<string, Export> {
    const known = this.#bundles.get(instance);
    if (known !== undefined) return known;
    const bundle = new Map(exports.map((item) => [item.name, item]));
    this.#bundles.set(instance, bundle);
    return bundle;
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
    const target = itemAt(this.#frame.functions, index, 'function');
    if (target.kind === 'lift') return this.#composed(target, options);
    return {
      kind: 'host',
      interface: interfaceName(target.interface),
      function: target.name,
      scope: this.#scope(options),
      ...(options.async && { async: true }),
    };
  }

  #composed(
    { frame, definition }: Extract<FunctionItem, { kind: 'lift' }>,
    options: CanonicalOptions,
  ): CoreSource {
    // As other runtimes have it: whoever is within the other is never called by it, nor calls it.
    if (frame.isWithin(this.#frame) || this.#frame.isWithin(frame)) {
      return { kind: 'trap', reason: 'Cannot enter the component: it is on the stack already' };
    }
    const planner = this.#plannerOf(frame);
    const { async, parameters, result } = planner.functionType(definition);
    const { types } = this.#builder;
    const source: ComposedSource = {
      kind: 'composed',
      scope: this.#scope(options),
      callee: planner.planFunction(definition),
      parameters: parameters.map((type) => types.indexOf(type)),
      ...((async || definition.options.async) && { waits: true }),
      ...(options.async && { async: true }),
    };
    return result === undefined ? source : { ...source, result: types.indexOf(result) };
  }

  #resource({ kind, type }: ResourceFunction): CoreSource {
    const item = itemAt(this.#frame.types, type, 'type');
    if (item.kind !== 'resource') {
      throw new UnsupportedComponent('unresolved-index', `type ${type} is not a resource`);
    }
    const { resource } = item;
    const part = this.#part();
    if (resource.kind === 'host') {
      if (kind !== 'resource.drop') {
        throw new UnsupportedComponent('unresolved-index', `'${kind}' of a resource of the host's`);
      }
      const name = interfaceName(resource.interface);
      return { kind: 'drop', interface: name, resource: resource.name, ...part };
    }
    const { destructor, frame, id } = resource;
    if (kind !== 'resource.drop' && frame !== this.#frame) {
      throw new UnsupportedComponent('unresolved-index', `'${kind}' of another's resource`);
    }
    const destroy =
      destructor === undefined ? undefined : this.#plannerOf(frame).#functionItem(destructor);
    return {
      kind: 'guest-resource',
      operation: operations[kind],
      type: id,
      ...(destroy !== undefined && { destructor: destroy }),
      ...part,
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
    const elementSize = type === undefined ? undefined : this.#elementSize(type);
    return {
      kind: 'built-in',
      name,
      scope,
      async,
      ...(elementSize !== undefined && { elementSize }),
      ...(slot !== undefined && { slot }),
    };
  }

  #elementSize(type: number): ElementSize {
    const channel = itemAt(this.#frame.types, type, 'type');
    if (channel.kind !== 'stream' && channel.kind !== 'future') return undefined;
    if (channel.item === undefined) return 0;
    return channel.item.kind === 'primitive' ? numberSizes[channel.item.type] : undefined;
  }

  /** The number of the component, where it is not the first. */
  #part(): { part?: number } {
    const part = this.#builder.partOf(this.#frame);
    return part === 0 ? {} : { part };
  }

  #scope(options: CanonicalOptions): number {
    return this.#builder.scope({
      memory: this.#optional(options.memory, (index) => this.#memoryItem(index)),
      realloc: this.#optional(options.realloc, (index) => this.#functionItem(index)),
      ...(options.encoding !== 'utf8' && { encoding: options.encoding }),
      ...this.#part(),
    });
  }

  #optional<T>(index: number | undefined, resolve: (index: number) => T): T | undefined {
    return index === undefined ? undefined : resolve(index);
  }

  #memoryItem(index: number): CoreItem {
    return this.#asCore(this.#aliasSource(this.#component.coreMemories, index), 'memory');
  }

  #functionItem(index: number): CoreItem {
    return this.#asCore(this.#functionSource(index), 'function');
  }

  #asCore(source: CoreSource, kind: CoreKind): CoreItem {
    const exported = source.kind === 'core' ? this.#exported.get(source) : undefined;
    if (exported === 'memory64') {
      throw new UnsupportedComponent('memory64', 'its memory has 64-bit addresses');
    }
    if (source.kind === 'core' && exported === kind) return source;
    throw new UnsupportedComponent('unresolved-index', `a ${kind} is none that a module exports`);
  }

  #abi({ async, callback }: CanonicalOptions): LiftedAbi {
    if (!async) return { kind: 'sync' };
    if (callback === undefined) return { kind: 'stackful' };
    return { kind: 'callback', callback: this.#functionItem(callback) };
  }
}

function optionalMemory(memory: number | undefined): Pick<CanonicalOptions, 'memory'> {
  return memory === undefined ? {} : { memory };
}

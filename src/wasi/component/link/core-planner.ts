import type { Component, Export } from '../binary/component.ts';
import type { CoreKind } from '../binary/core-types.ts';
import { CanonicalPlanner, type CoreIndices } from './canonical-planner.ts';
import type { ExportKind } from './core-modules.ts';
import type { Frame } from './frame.ts';
import { itemAt } from './items.ts';
import type { CoreItem, CoreSource, PlannedImport } from './link-plan.ts';
import type { PlanBuilder } from './plan-builder.ts';
import { findShims, type Shim } from './shim.ts';
import { UnsupportedComponent } from './unsupported-component.ts';

interface CorePlannerComponents {
  readonly builder: PlanBuilder;
  /** The planner of another frame. */
  readonly plannerOf: (frame: Frame) => CorePlanner;
}

/** Works out where the imports of one component's core modules come from. */
export class CorePlanner implements CoreIndices {
  /** For the canonical definitions of the same component. */
  readonly canonical: CanonicalPlanner;
  readonly #frame: Frame;
  readonly #component: Component;
  readonly #builder: PlanBuilder;
  readonly #shims: readonly Shim[];
  readonly #bundles = new Map<number, ReadonlyMap<string, Export>>();
  readonly #exported = new WeakMap<CoreItem, ExportKind>();
  /** The numbers of the core instances that are to be made. */
  readonly #numbers: ReadonlyMap<number, number>;

  constructor(frame: Frame, { builder, plannerOf }: CorePlannerComponents) {
    this.#frame = frame;
    this.#component = frame.component;
    this.#builder = builder;
    this.#shims = findShims(this.#component, builder.modules);
    this.#numbers = this.#instancesToMake();
    this.canonical = new CanonicalPlanner(frame, {
      builder,
      core: this,
      plannerOf: (other) => plannerOf(other).canonical,
    });
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

  memoryItem(index: number): CoreItem {
    return this.#asCore(this.#aliasSource(this.#component.coreMemories, index), 'memory');
  }

  functionItem(index: number): CoreItem {
    return this.#asCore(this.#functionSource(index), 'function');
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
    if (definition.kind !== 'alias') return this.canonical.planSource(definition);
    return this.#exportOf(definition.coreInstance, definition.name);
  }

  #asCore(source: CoreSource, kind: CoreKind): CoreItem {
    const exported = source.kind === 'core' ? this.#exported.get(source) : undefined;
    if (exported === 'memory64') {
      throw new UnsupportedComponent('memory64', 'its memory has 64-bit addresses');
    }
    if (source.kind === 'core' && exported === kind) return source;
    throw new UnsupportedComponent('unresolved-index', `a ${kind} is none that a module exports`);
  }
}

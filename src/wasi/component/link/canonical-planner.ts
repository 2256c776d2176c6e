import { isBuiltIn } from '../async/built-ins.ts';
import type {
  BuiltIn,
  CanonicalOptions,
  CoreFunctionDefinition,
  PrimitiveType,
} from '../binary/component.ts';
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
} from './link-plan.ts';
import type { PlanBuilder } from './plan-builder.ts';
import { numberSizes } from './type-table.ts';
import { UnsupportedComponent } from './unsupported-component.ts';

/** A core function that no core module exports: the canonical ABI makes it. */
type CanonicalFunction = Exclude<CoreFunctionDefinition, { kind: 'alias' }>;

type ResourceFunction = Extract<CanonicalFunction, { kind: `resource.${string}` }>;

const operations = {
  'resource.new': 'new',
  'resource.rep': 'rep',
  'resource.drop': 'drop',
} as const;

const elementSizes: Partial<Record<PrimitiveType, ElementSize>> = numberSizes;

/** The core items of one component, each an export of one of its core instances. */
export interface CoreIndices {
  /** @throws {UnsupportedComponent} where it is none */
  functionItem(index: number): CoreItem;
  /** @throws {UnsupportedComponent} where it is none */
  memoryItem(index: number): CoreItem;
}

export interface CanonicalPlannerComponents {
  readonly builder: PlanBuilder;
  readonly core: CoreIndices;
  /** The planner of another frame. */
  readonly plannerOf: (frame: Frame) => CanonicalPlanner;
}

/**
 * Works out what the canonical definitions of one component stand for: `canon lift`, `canon lower`
 * and the built-ins.
 * See https://github.com/WebAssembly/component-model/blob/main/design/mvp/CanonicalABI.md
 */
export class CanonicalPlanner {
  readonly #frame: Frame;
  readonly #builder: PlanBuilder;
  readonly #core: CoreIndices;
  readonly #plannerOf: (frame: Frame) => CanonicalPlanner;

  constructor(frame: Frame, { builder, core, plannerOf }: CanonicalPlannerComponents) {
    this.#frame = frame;
    this.#builder = builder;
    this.#core = core;
    this.#plannerOf = plannerOf;
  }

  /** How a function that the component lifts is called. */
  planFunction({ coreFunction, options }: LiftDefinition): PlannedFunction {
    return {
      core: this.#core.functionItem(coreFunction),
      scope: this.#scope(options),
      postReturn: this.#optional(options.postReturn, (core) => this.#core.functionItem(core)),
      abi: this.#abi(options),
    };
  }

  /** What a core module gets that imports such a function. */
  planSource(definition: CanonicalFunction): CoreSource {
    switch (definition.kind) {
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
    const { async, parameters, result } = planner.#functionType(definition);
    const { types } = this.#builder;
    const source: ComposedSource = {
      kind: 'composed',
      scope: this.#scope(options),
      callee: planner.planFunction(definition),
      parameters: parameters.map((type) => types.indexOf(type)),
      ...((async || definition.options.async) && { waits: true }),
      ...(options.async && { async: true }),
    };
    return result === undefined ? source : { ...source, result: types.lastingIndexOf(result) };
  }

  /** The type of a function that the component lifts. */
  #functionType({ type }: LiftDefinition): Extract<TypeItem, { kind: 'function' }> {
    const item = itemAt(this.#frame.types, type, 'type');
    if (item.kind === 'function') return item;
    throw new UnsupportedComponent('unresolved-index', `type ${type} is no function's`);
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
      destructor === undefined ? undefined : this.#plannerOf(frame).#core.functionItem(destructor);
    return {
      kind: 'guest-resource',
      operation: operations[kind],
      type: id,
      ...(destroy !== undefined && { destructor: destroy }),
      ...(destroy !== undefined &&
        frame !== this.#frame && { destructorPart: this.#builder.partOf(frame) }),
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
    return channel.item.kind === 'primitive' ? elementSizes[channel.item.type] : undefined;
  }

  /** The number of the component, where it is not the first. */
  #part(): { part?: number } {
    const part = this.#builder.partOf(this.#frame);
    return part === 0 ? {} : { part };
  }

  #scope(options: CanonicalOptions): number {
    return this.#builder.scope({
      memory: this.#optional(options.memory, (index) => this.#core.memoryItem(index)),
      realloc: this.#optional(options.realloc, (index) => this.#core.functionItem(index)),
      ...(options.encoding !== 'utf8' && { encoding: options.encoding }),
      ...this.#part(),
    });
  }

  #optional<T>(index: number | undefined, resolve: (index: number) => T): T | undefined {
    return index === undefined ? undefined : resolve(index);
  }

  #abi({ async, callback }: CanonicalOptions): LiftedAbi {
    if (!async) return { kind: 'sync' };
    if (callback === undefined) return { kind: 'stackful' };
    return { kind: 'callback', callback: this.#core.functionItem(callback) };
  }
}

function optionalMemory(memory: number | undefined): Pick<CanonicalOptions, 'memory'> {
  return memory === undefined ? {} : { memory };
}

import type {
  CanonicalOptions,
  Component,
  CoreFunctionDefinition,
  CoreInstanceDefinition,
  Export,
  FunctionDefinition,
  InstanceDefinition,
  Sort,
} from './component.ts';
import type { Reader } from './reader.ts';

type Definition =
  | CoreFunctionDefinition
  | CoreInstanceDefinition
  | FunctionDefinition
  | InstanceDefinition;

/**
 * What is defined refers only to what was defined before: so nothing is made of itself, and whoever
 * follows references comes to an end.
 *
 * @throws {MalformedBinary}
 */
export function checkReferences(
  component: Component,
  definition: Definition,
  reader: Reader,
): void {
  const must = (space: readonly unknown[], index: number | undefined, what: string) => {
    if (index !== undefined) mustBeDefined(reader, space, index, what);
  };
  switch (definition.kind) {
    case 'instantiate':
      if ('module' in definition) must(component.coreModules, definition.module, 'core module');
      else must(component.components, definition.component, 'component');
      for (const given of definition.arguments) {
        if ('instance' in given) must(component.coreInstances, given.instance, 'core instance');
        else checkItem(component, given, reader);
      }
      return;
    case 'exports':
      for (const item of definition.exports) checkItem(component, item, reader);
      return;
    case 'lower':
      must(component.functions, definition.function, 'function');
      checkOptions(component, definition.options, reader);
      return;
    case 'lift':
      must(component.coreFunctions, definition.coreFunction, 'core function');
      must(component.types, definition.type, 'type');
      checkOptions(component, definition.options, reader);
      return;
    case 'resource.new':
    case 'resource.rep':
    case 'resource.drop':
      must(component.types, definition.type, 'type');
      return;
    case 'built-in':
      must(component.types, definition.type, 'type');
      must(component.coreMemories, definition.memory, 'core memory');
      if (definition.options) checkOptions(component, definition.options, reader);
      return;
    case 'import':
    case 'same':
    case 'alias':
      return;
    default:
      definition satisfies never;
  }
}

/** @throws {MalformedBinary} where `index` is beyond what has been defined so far */
export function mustBeDefined(
  reader: Reader,
  space: readonly unknown[],
  index: number,
  what: string,
): void {
  if (index >= space.length) reader.fail(`${what} ${index}, which is not defined,`);
}

function checkOptions(component: Component, options: CanonicalOptions, reader: Reader): void {
  const { memory, realloc, postReturn, callback } = options;
  if (memory !== undefined) mustBeDefined(reader, component.coreMemories, memory, 'core memory');
  for (const index of [realloc, postReturn, callback]) {
    if (index !== undefined) mustBeDefined(reader, component.coreFunctions, index, 'core function');
  }
}

function checkItem(component: Component, { sort, index }: Export, reader: Reader): void {
  const space = spaceOf(component, sort);
  if (space !== undefined) mustBeDefined(reader, space, index, sort);
}

/** Undefined for sorts whose definitions are passed over. */
function spaceOf(component: Component, sort: Sort): readonly unknown[] | undefined {
  const spaces: Partial<Record<Sort, readonly unknown[]>> = {
    'core function': component.coreFunctions,
    'core table': component.coreTables,
    'core memory': component.coreMemories,
    'core global': component.coreGlobals,
    'core tag': component.coreTags,
    'core module': component.coreModules,
    'core instance': component.coreInstances,
    function: component.functions,
    type: component.types,
    component: component.components,
    instance: component.instances,
  };
  return spaces[sort];
}

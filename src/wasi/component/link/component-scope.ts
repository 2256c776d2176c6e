import type { Component, ElementSize, Export, InstanceDefinition } from '../binary/component.ts';
import { UnsupportedComponent } from './unsupported-component.ts';

/**
 * A component together with what its imports were given: itself the root, where they are the
 * host's, or nested, where they are indices of the scope that instantiates it. wit-component wraps
 * every exported interface in a nested component that only passes functions through.
 */
export interface ComponentScope {
  readonly component: Component;
  readonly outer?: { readonly scope: ComponentScope; readonly given: readonly Export[] };
}

export type ResolvedFunction =
  | { readonly kind: 'host'; readonly interface: string; readonly name: string }
  | { readonly kind: 'lift'; readonly scope: ComponentScope; readonly index: number };

export type ResolvedInstance =
  | { readonly kind: 'host'; readonly name: string }
  | {
      readonly kind: 'exports';
      readonly scope: ComponentScope;
      readonly exports: readonly Export[];
    };

export type ResolvedResource =
  | { readonly kind: 'host'; readonly interface: string; readonly name: string }
  | {
      readonly kind: 'guest';
      readonly scope: ComponentScope;
      readonly index: number;
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

export function resolveFunction(scope: ComponentScope, index: number): ResolvedFunction {
  const definition = itemAt(scope.component.functions, index, 'function');
  switch (definition.kind) {
    case 'lift':
      return { kind: 'lift', scope, index };
    case 'import': {
      const given = givenFor(scope, definition.name);
      if (given === undefined) return { kind: 'host', interface: '', name: definition.name };
      return resolveFunction(given.scope, given.index);
    }
    case 'alias': {
      const instance = resolveInstance(scope, definition.instance);
      if (instance.kind === 'host') {
        return { kind: 'host', interface: instance.name, name: definition.name };
      }
      const found = exportNamed(instance.exports, definition.name, 'function');
      return resolveFunction(instance.scope, found.index);
    }
    default:
      return definition satisfies never;
  }
}

export function resolveInstance(scope: ComponentScope, index: number): ResolvedInstance {
  const definition = itemAt(scope.component.instances, index, 'instance');
  switch (definition.kind) {
    case 'exports':
      return { kind: 'exports', scope, exports: definition.exports };
    case 'instantiate':
      return resolveInstantiation(scope, definition);
    case 'import': {
      const given = givenFor(scope, definition.name);
      if (given === undefined) return { kind: 'host', name: definition.name };
      return resolveInstance(given.scope, given.index);
    }
    case 'alias': {
      const instance = resolveInstance(scope, definition.instance);
      if (instance.kind === 'host') return { kind: 'host', name: definition.name };
      const found = exportNamed(instance.exports, definition.name, 'instance');
      return resolveInstance(instance.scope, found.index);
    }
    default:
      return definition satisfies never;
  }
}

function resolveInstantiation(
  scope: ComponentScope,
  definition: Extract<InstanceDefinition, { kind: 'instantiate' }>,
): ResolvedInstance {
  const nested = itemAt(scope.component.components, definition.component, 'component');
  if (nested.kind !== 'inline') {
    throw new UnsupportedComponent(
      'composed-component',
      `component ${definition.component}, which it instantiates, is an ${nested.kind}`,
    );
  }
  if (nested.component.coreInstances.length > 0) {
    const names = nested.component.exports.map(({ name }) => `'${name}'`).join(', ');
    throw new UnsupportedComponent(
      'composed-component',
      `it is composed of several: the one inside that exports ${names} has code of its own`,
    );
  }
  const outer = { scope, given: definition.arguments };
  const inner = { component: nested.component, outer };
  return { kind: 'exports', scope: inner, exports: nested.component.exports };
}

/** The resource behind type `index`, for the canonical built-ins that create and drop handles. */
export function resolveResource(scope: ComponentScope, index: number): ResolvedResource {
  const definition = itemAt(scope.component.types, index, 'type');
  if (definition.kind === 'resource') {
    const { destructor } = definition;
    return { kind: 'guest', scope, index: identityOf(scope, index), destructor };
  }
  if (definition.kind === 'import') {
    const given = givenFor(scope, definition.name);
    if (given === undefined) return { kind: 'host', interface: '', name: definition.name };
    return resolveResource(given.scope, given.index);
  }
  if (definition.kind === 'outer' && scope.outer !== undefined && definition.depth === 1) {
    return resolveResource(scope.outer.scope, definition.index);
  }
  if (definition.kind !== 'alias') {
    throw new UnsupportedComponent('unresolved-index', `type ${index} is not a resource`);
  }
  const instance = resolveInstance(scope, definition.instance);
  if (instance.kind === 'host') {
    return { kind: 'host', interface: instance.name, name: definition.name };
  }
  return resolveResource(
    instance.scope,
    exportNamed(instance.exports, definition.name, 'type').index,
  );
}

/** An export repeats a type under another index: the first is the type's own. */
function identityOf({ component: { types } }: ComponentScope, index: number): number {
  const definition = types[index];
  return types.findIndex((type) => type === definition);
}

/** How large the items of the stream or future type `index` are, as far as its type tells it here. */
export function resolveElementSize(scope: ComponentScope, index: number): ElementSize {
  const definition = itemAt(scope.component.types, index, 'type');
  const known = definition.kind === 'stream' || definition.kind === 'future';
  return known ? definition.elementSize : undefined;
}

function givenFor(
  scope: ComponentScope,
  name: string,
): { scope: ComponentScope; index: number } | undefined {
  if (scope.outer === undefined) return undefined;
  const given = scope.outer.given.find((candidate) => candidate.name === name);
  if (given === undefined) {
    throw new UnsupportedComponent('unresolved-index', `nothing is given for import '${name}'`);
  }
  return { scope: scope.outer.scope, index: given.index };
}

function exportNamed(exports: readonly Export[], name: string, sort: Export['sort']): Export {
  const found = exports.find((candidate) => candidate.name === name && candidate.sort === sort);
  if (found === undefined) {
    throw new UnsupportedComponent('unresolved-index', `${sort} '${name}' is not exported`);
  }
  return found;
}

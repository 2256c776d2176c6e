import type {
  Declaration,
  TypeDefinition,
  ValueTypeDefinition,
  ValueTypeReference,
} from '../binary/component.ts';
import type { TypeScope } from './frame.ts';
import type { TypeItem } from './items.ts';
import { type Exports, exportNamed, type InstanceItem, type Item, itemAt } from './items.ts';
import { UnsupportedComponent } from './unsupported-component.ts';

/** A definition of a type that means the same in a component as in an instance's type. */
export type PlainType = Exclude<TypeDefinition, { kind: 'import' | 'resource' | 'same' | 'alias' }>;

/** @param spend is told of every declaration that is looked at */
export function typeItem(definition: PlainType, scope: TypeScope, spend: () => void): TypeItem {
  switch (definition.kind) {
    case 'outer':
      return outerType(scope, definition.depth, definition.index);
    case 'function':
      return {
        kind: 'function',
        async: definition.async,
        parameters: definition.parameters.map((type) => referenced(type, scope)),
        result: optional(definition.result, scope),
      };
    case 'instance': {
      const { declarations } = definition;
      return { kind: 'instance', declare: (name) => declare(declarations, name, scope, spend) };
    }
    case 'component':
      return definition;
    default:
      return valueType(definition, scope);
  }
}

function referenced(reference: ValueTypeReference, { types }: TypeScope): TypeItem {
  if (typeof reference === 'string') return { kind: 'primitive', type: reference };
  return itemAt(types, reference, 'type');
}

function optional(
  reference: ValueTypeReference | undefined,
  scope: TypeScope,
): TypeItem | undefined {
  return reference === undefined ? undefined : referenced(reference, scope);
}

function outerType(scope: TypeScope, depth: number, index: number): TypeItem {
  let from: TypeScope | undefined = scope;
  for (let left = depth; left > 0; left--) from = from?.outer;
  return itemAt(from?.types ?? [], index, 'type');
}

function valueType(definition: ValueTypeDefinition, scope: TypeScope): TypeItem {
  switch (definition.kind) {
    case 'primitive':
    case 'flags':
      return definition;
    case 'tuple':
      return { kind: 'tuple', items: definition.items.map((item) => referenced(item, scope)) };
    case 'variant':
      return { kind: 'variant', cases: definition.cases.map((item) => optional(item, scope)) };
    case 'list': {
      const { length } = definition;
      const item = referenced(definition.item, scope);
      return { kind: 'list', item, ...(length !== undefined && { length }) };
    }
    case 'map': {
      const items = [referenced(definition.key, scope), referenced(definition.value, scope)];
      return { kind: 'list', item: { kind: 'tuple', items } };
    }
    case 'own':
    case 'borrow':
      return { kind: definition.kind, resource: itemAt(scope.types, definition.resource, 'type') };
    case 'stream':
    case 'future':
      return { kind: definition.kind, item: optional(definition.item, scope) };
    default:
      return definition satisfies never;
  }
}

/** What the type of an imported instance says of the types it exports; its resources are the host's. */
function declare(
  declarations: readonly Declaration[],
  imported: string,
  outer: TypeScope,
  spend: () => void,
): Exports {
  const types: TypeItem[] = [];
  const instances: InstanceItem[] = [];
  const exports = new Map<string, Item>();
  const scope = { types, outer };
  for (const declaration of declarations) {
    spend();
    if (declaration.kind === 'type') {
      types.push(declaredType(declaration.type, scope, instances, spend));
      continue;
    }
    const { name, sort, type } = declaration;
    if (sort === 'type') {
      const item = exportedType(type, types, imported, name);
      types.push(item);
      exports.set(name, { sort, item });
    } else if (sort === 'instance') {
      const item = hostInstance(types, type, name);
      instances.push(item);
      exports.set(name, { sort, item });
    }
  }
  return exports;
}

function declaredType(
  type: TypeDefinition,
  scope: TypeScope,
  instances: readonly InstanceItem[],
  spend: () => void,
): TypeItem {
  switch (type.kind) {
    case 'alias':
      return aliasedType(itemAt(instances, type.instance, 'instance'), type.name);
    case 'import':
    case 'same':
    case 'resource':
      throw new UnsupportedComponent('unresolved-index', `a ${type.kind} in an instance's type`);
    default:
      return typeItem(type, scope, spend);
  }
}

function exportedType(
  type: number | undefined,
  types: readonly TypeItem[],
  imported: string,
  name: string,
): TypeItem {
  if (type !== undefined) return itemAt(types, type, 'type');
  return { kind: 'resource', resource: { kind: 'host', interface: imported, name } };
}

/** An instance that the host gives, of which is known what its type declares. */
export function hostInstance(
  types: readonly TypeItem[],
  type: number | undefined,
  name: string,
): InstanceItem {
  const item = type === undefined ? undefined : itemAt(types, type, 'type');
  const declared: Exports = item?.kind === 'instance' ? item.declare(name) : new Map();
  return { kind: 'host', name, declared };
}

/** A type that an instance exports; what the host's does not declare is taken for a resource. */
export function aliasedType(instance: InstanceItem, name: string): TypeItem {
  if (instance.kind === 'exports') return exportNamed(instance.exports, name, 'type');
  if (instance.declared.has(name)) return exportNamed(instance.declared, name, 'type');
  return { kind: 'resource', resource: { kind: 'host', interface: instance.name, name } };
}

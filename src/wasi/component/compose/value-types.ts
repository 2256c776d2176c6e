import type { Resource, ResourceClass } from '../abi/resource.ts';
import { typeIdentity } from '../abi/type-identity.ts';
import type { PlannedResource, PlannedType } from '../link/link-plan.ts';
import { flagsSize } from '../link/type-table.ts';
import { fixedList, list, tuple } from './aggregates.ts';
import { channel } from './channels.ts';
import { borrow, own, type ResourceType } from './handles.ts';
import { primitives, word } from './primitives.ts';
import type { ValueType } from './value-type.ts';
import { variant } from './variant.ts';

/** Finds the class of a resource of the host's. */
export type FindResource = (interfaceName: string, name: string) => ResourceClass<Resource>;

/** Makes the types of a plan, each of which refers only to those before it. */
export function valueTypes(
  planned: readonly PlannedType[],
  findResource: FindResource,
): readonly ValueType[] {
  const types: ValueType[] = [];
  for (const type of planned) types.push(valueType(type, types, findResource));
  return types;
}

function valueType(
  type: PlannedType,
  known: readonly ValueType[],
  findResource: FindResource,
): ValueType {
  const at = (index: number): ValueType => {
    const found = known[index];
    if (found === undefined) throw new RangeError(`Cannot link type ${index}`);
    return found;
  };
  switch (type.kind) {
    case 'primitive':
      if (type.type === 'error-context') throw new TypeError('Cannot pass an error context');
      return primitives[type.type];
    case 'tuple':
      return tuple(type.items.map(at));
    case 'variant':
      return variant(type.cases.map((item) => (item === null ? undefined : at(item))));
    case 'flags': {
      const mask = 2 ** type.count - 1;
      return word(
        () => typeIdentity('flags', [type.count]),
        flagsSize(type.count),
        (bits) => (bits & mask) >>> 0,
      );
    }
    case 'list': {
      const item = at(type.item);
      return type.length === undefined ? list(item) : fixedList(item, type.length);
    }
    case 'own':
      return own(resourceType(type.resource, findResource));
    case 'stream':
    case 'future':
      return channel(type.kind, type.item === null ? undefined : at(type.item));
    case 'borrow':
      return borrow(resourceType(type.resource, findResource));
    default:
      return type satisfies never;
  }
}

function resourceType(resource: PlannedResource, findResource: FindResource): ResourceType {
  if (resource.kind === 'guest') return resource;
  return { kind: 'host', class: findResource(resource.interface, resource.name) };
}

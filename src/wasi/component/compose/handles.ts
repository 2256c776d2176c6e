import { BorrowedResource } from '../abi/borrowed-resource.ts';
import type { Guest } from '../abi/guest.ts';
import { GuestResource } from '../abi/guest-resource.ts';
import { unsignedAt } from '../abi/numbers.ts';
import type { Resource, ResourceClass } from '../abi/resource.ts';
import type { ValueType } from './value-type.ts';

/** A type of resources: of the host's, or number `type` of those that component `part` defines. */
export type ResourceType =
  | { readonly kind: 'host'; readonly class: ResourceClass<Resource> }
  | { readonly kind: 'guest'; readonly type: number; readonly part: number };

/** A handle whose resource changes hands. */
export function own(type: ResourceType): ValueType {
  return handle(
    (guest, index) => {
      const resource = guest.handles.send(index, classOf(type));
      check(resource, type);
      return resource;
    },
    (guest, resource) => guest.handles.receive(resource),
  );
}

/** A handle whose resource is lent for the length of the call. */
export function borrow(type: ResourceType): ValueType {
  return handle(
    (guest, index) => {
      const resource = guest.handles.borrow(index, classOf(type));
      check(resource, type);
      guest.part.loans.lend(guest.handles.entry(index));
      return resource;
    },
    (guest, resource) => {
      // Who defines a resource gets what it stands for itself.
      const isOwn = type.kind === 'guest' && type.part === guest.part.index;
      if (isOwn && resource instanceof GuestResource) return resource.representation;
      return guest.handles.receive(new BorrowedResource(resource, guest.part.loans));
    },
  );
}

function classOf(type: ResourceType): ResourceClass<Resource> {
  return type.kind === 'host' ? type.class : GuestResource;
}

function check(resource: Resource, type: ResourceType): void {
  if (type.kind === 'guest' && resource instanceof GuestResource) resource.expect(type.type);
}

function handle(
  lift: (guest: Guest, index: number) => Resource,
  lower: (guest: Guest, resource: Resource) => number,
): ValueType {
  return {
    size: 4,
    align: 4,
    flat: ['i32'],
    load: (guest, pointer) => lift(guest, guest.memory.u32(pointer)),
    store: (guest, pointer, value) => guest.memory.setU32(pointer, lower(guest, value as Resource)),
    lift: (guest, values, at) => lift(guest, unsignedAt(values, at)),
    lower: (guest, value, out) => {
      out.push(lower(guest, value as Resource));
    },
  };
}

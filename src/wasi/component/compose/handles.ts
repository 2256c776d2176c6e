import { BorrowedResource } from '../abi/borrowed-resource.ts';
import type { Guest } from '../abi/guest.ts';
import { GuestResource } from '../abi/guest-resource.ts';
import { handleCodec } from '../abi/handles.ts';
import type { Resource, ResourceClass } from '../abi/resource.ts';
import { resourceIdentity, typeIdentity } from '../abi/type-identity.ts';
import type { ValueType } from './value-type.ts';

/** A type of resources: of the host's, or number `type` of those that component `part` defines. */
export type ResourceType =
  | { readonly kind: 'host'; readonly class: ResourceClass<Resource> }
  | { readonly kind: 'guest'; readonly type: number; readonly part: number };

/** A handle whose resource changes hands. */
export function own(type: ResourceType): ValueType {
  return handleType(
    () => typeIdentity('own', [identityOf(type)]),
    (guest, handle) => {
      const resource = guest.handles.send(handle, classOf(type));
      guest.part.transit.add(resource, resource);
      check(resource, type);
      return resource;
    },
    (guest, resource) => {
      const handle = guest.handles.receive(resource);
      guest.part.transit.arrived(resource);
      return handle;
    },
  );
}

/** A handle whose resource is lent for the length of the call. */
export function borrow(type: ResourceType): ValueType {
  return handleType(
    () => typeIdentity('borrow', [identityOf(type)]),
    (guest, handle) => {
      const resource = guest.handles.borrow(handle, classOf(type));
      check(resource, type);
      guest.part.loans.lend(guest.handles.entry(handle));
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

function identityOf(type: ResourceType): string {
  if (type.kind === 'host') return `host ${resourceIdentity(type.class)}`;
  return `part ${type.part} ${type.type}`;
}

function check(resource: Resource, type: ResourceType): void {
  if (type.kind === 'guest' && resource instanceof GuestResource) resource.expect(type.type);
}

/** What components know by a handle: `take` gets it from one, `give` hands another its own. */
export function handleType<T>(
  identity: () => number,
  take: (guest: Guest, handle: number) => T,
  give: (guest: Guest, value: T) => number,
): ValueType {
  return {
    ...handleCodec(identity, take, give),
    lower: (guest, value, out) => {
      out.push(give(guest, value as T));
    },
  };
}

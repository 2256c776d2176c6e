import type { Codec } from './codec.ts';
import type { Guest } from './guest.ts';
import { unsignedAt } from './numbers.ts';
import type { Resource, ResourceClass } from './resource.ts';
import { resourceIdentity, typeIdentity } from './type-identity.ts';

/** A handle whose resource changes hands. */
export function own<T extends Resource>(type: () => ResourceClass<T>): Codec<T> {
  return handleCodec(
    () => typeIdentity('own', [`host ${resourceIdentity(type())}`]),
    (guest, handle) => guest.handles.take(handle, type()),
    (guest, resource) => guest.handles.add(resource),
  );
}

/** A handle whose resource is the host's for the length of the call. */
export function borrow<T extends Resource>(type: () => ResourceClass<T>): Codec<T> {
  return handleCodec(
    () => typeIdentity('borrow', [`host ${resourceIdentity(type())}`]),
    (guest, handle) => guest.borrow(handle, type()),
    () => {
      throw new TypeError('Cannot lend a resource to a guest: WASI has no such function');
    },
  );
}

/** What a guest knows by a handle: `take` gets it from the guest, `give` hands it one. */
export function handleCodec<T>(
  identity: () => number,
  take: (guest: Guest, handle: number) => T,
  give: (guest: Guest, value: T) => number,
): Codec<T> {
  return {
    identity,
    size: 4,
    align: 4,
    flat: ['i32'],
    load: (guest, pointer) => take(guest, guest.memory.u32(pointer)),
    store: (guest, pointer, value) => guest.memory.setU32(pointer, give(guest, value)),
    lift: (guest, values, at) => take(guest, unsignedAt(values, at)),
    lower: give,
  };
}

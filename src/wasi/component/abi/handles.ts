import type { Codec } from './codec.ts';
import { unsignedAt } from './numbers.ts';
import type { Resource, ResourceClass } from './resource.ts';

/** A handle whose resource changes hands. */
export function own<T extends Resource>(type: () => ResourceClass<T>): Codec<T> {
  return {
    size: 4,
    align: 4,
    flat: ['i32'],
    load: (guest, pointer) => guest.handles.take(guest.memory.u32(pointer), type()),
    store: (guest, pointer, value) => guest.memory.setU32(pointer, guest.handles.add(value)),
    lift: (guest, values, at) => guest.handles.take(unsignedAt(values, at), type()),
    lower: (guest, value) => guest.handles.add(value),
  };
}

/** A handle whose resource is the host's for the length of the call. */
export function borrow<T extends Resource>(type: () => ResourceClass<T>): Codec<T> {
  return {
    size: 4,
    align: 4,
    flat: ['i32'],
    load: (guest, pointer) => guest.handles.borrow(guest.memory.u32(pointer), type()),
    store: () => {
      throw new TypeError('Cannot lend a resource to a guest: WASI has no such function');
    },
    lift: (guest, values, at) => guest.handles.borrow(unsignedAt(values, at), type()),
    lower: () => {
      throw new TypeError('Cannot lend a resource to a guest: WASI has no such function');
    },
  };
}

import type { Codec } from './codec.ts';
import type { Guest } from './guest.ts';
import { u8, unsignedAt } from './numbers.ts';
import { readString, writeString } from './strings.ts';
import { typeIdentity } from './type-identity.ts';

/** A codec of a pointer and a length, which strings and lists are. */
function pointerAndLength<T>(
  identity: () => number,
  read: (guest: Guest, pointer: number, length: number) => T,
  write: (guest: Guest, value: T) => { pointer: number; length: number },
): Codec<T> {
  return {
    identity,
    size: 8,
    align: 4,
    flat: ['i32', 'i32'],
    load: (guest, pointer) => {
      const { memory } = guest;
      return read(guest, memory.u32(pointer), memory.u32(pointer + 4));
    },
    store: (guest, at, value) => {
      const { pointer, length } = write(guest, value);
      guest.memory.setU32(at, pointer);
      guest.memory.setU32(at + 4, length);
    },
    lift: (guest, values, at) => read(guest, unsignedAt(values, at), unsignedAt(values, at + 1)),
    lower: () => {
      throw new TypeError('Cannot lower a list to one value: it is two');
    },
  };
}

export const string: Codec<string> = pointerAndLength(
  () => typeIdentity('string'),
  readString,
  writeString,
);

/** `list<u8>`. What is read is a view of the guest's memory: copy what must outlive the call. */
export const bytes: Codec<Uint8Array> = pointerAndLength(
  () => typeIdentity('list', [u8]),
  (guest, pointer, length) => guest.memory.slice(pointer, length),
  (guest, source) => {
    const pointer = guest.allocate(1, source.length);
    guest.memory.write(pointer, source);
    return { pointer, length: source.length };
  },
);

export function list<T>(item: Codec<T>): Codec<readonly T[]> {
  return pointerAndLength<readonly T[]>(
    () => typeIdentity('list', [item]),
    (guest, pointer, length) => {
      // Checked as a whole first: a length that memory cannot hold must not become an array.
      guest.memory.slice(pointer, length * item.size);
      return Array.from({ length }, (_, index) => item.load(guest, pointer + index * item.size));
    },
    (guest, values) => {
      const pointer = guest.allocate(item.align, values.length * item.size);
      guest.memory.mark(pointer, values.length * item.size);
      for (const [index, value] of values.entries()) {
        item.store(guest, pointer + index * item.size, value);
      }
      return { pointer, length: values.length };
    },
  );
}

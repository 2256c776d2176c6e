import { alignTo } from '../abi/codec.ts';
import type { Guest } from '../abi/guest.ts';
import { GuestTrap } from '../abi/guest-trap.ts';
import { unsignedAt } from '../abi/numbers.ts';
import { typeIdentity } from '../abi/type-identity.ts';
import { largestSequence } from './text.ts';
import { joinFlat, mostFlat, type ValueType } from './value-type.ts';

/** Several values in a row: a record, a tuple, or all parameters of a function. */
export function tuple(items: readonly ValueType[]): ValueType {
  const offsets: number[] = [];
  let [end, align] = [0, 1];
  for (const item of items) {
    const offset = alignTo(end, item.align);
    offsets.push(offset);
    end = offset + item.size;
    align = Math.max(align, item.align);
  }
  return {
    identity: () => typeIdentity('tuple', items),
    size: alignTo(end, align),
    align,
    flat: joinFlat(items),
    load: (guest, pointer) =>
      items.map((item, index) => item.load(guest, pointer + (offsets[index] ?? 0))),
    store: (guest, pointer, values) => {
      for (const [index, item] of items.entries()) {
        item.store(guest, pointer + (offsets[index] ?? 0), (values as unknown[])[index]);
      }
    },
    lift: (guest, values, start) => {
      let at = start;
      return items.map((item) => {
        const value = item.lift(guest, values, at);
        at += item.flat?.length ?? 0;
        return value;
      });
    },
    lower: (guest, values, out) => {
      for (const [index, item] of items.entries()) {
        item.lower(guest, (values as unknown[])[index], out);
      }
    },
  };
}

/** `list<T, N>`: as a tuple of so many. */
export function fixedList(item: ValueType, length: number): ValueType {
  const size = item.size * length;
  const each = <T>(act: (index: number) => T) => Array.from({ length }, (_, index) => act(index));
  const flatLength = item.flat === undefined ? mostFlat + 1 : item.flat.length * length;
  return {
    identity: () => typeIdentity('list', [item, length]),
    size,
    align: item.align,
    flat: flatLength > mostFlat ? undefined : each(() => item.flat ?? []).flat(),
    load: (guest, pointer) => each((index) => item.load(guest, pointer + index * item.size)),
    store: (guest, pointer, values) => {
      for (const [index, value] of (values as unknown[]).entries()) {
        item.store(guest, pointer + index * item.size, value);
      }
    },
    lift: (guest, values, at) =>
      each((index) => item.lift(guest, values, at + index * (item.flat?.length ?? 0))),
    lower: (guest, values, out) => {
      for (const value of values as unknown[]) item.lower(guest, value, out);
    },
  };
}

/** A list on its way: where it is. */
interface List {
  readonly guest: Guest;
  readonly pointer: number;
  readonly length: number;
}

/** `list<T>` of any length. */
export function list(item: ValueType): ValueType {
  return {
    identity: () => typeIdentity('list', [item]),
    size: 8,
    align: 4,
    flat: ['i32', 'i32'],
    load: (guest, pointer) =>
      checked(item, guest, guest.memory.u32(pointer), guest.memory.u32(pointer + 4)),
    store: (guest, at, value) => {
      const pointer = copyList(item, value as List, guest);
      guest.memory.setU32(at, pointer);
      guest.memory.setU32(at + 4, (value as List).length);
    },
    lift: (guest, values, at) =>
      checked(item, guest, unsignedAt(values, at), unsignedAt(values, at + 1)),
    lower: (guest, value, out) => {
      out.push(copyList(item, value as List, guest), (value as List).length);
    },
  };
}

function checked(item: ValueType, guest: Guest, pointer: number, length: number): List {
  const bytes = length * item.size;
  if (bytes > largestSequence) throw new GuestTrap(`Cannot pass a list: it has ${bytes} bytes`);
  if (pointer % item.align !== 0) {
    throw new GuestTrap(`Cannot pass a list: ${pointer} is misaligned`);
  }
  guest.memory.slice(pointer, bytes);
  return { guest, pointer, length };
}

/** Copies a list from one memory to another. @returns where it is then */
function copyList(item: ValueType, { guest: from, pointer, length }: List, to: Guest): number {
  const bytes = length * item.size;
  const target = to.allocate(item.align, bytes);
  if (item.isPlain) {
    to.memory.write(target, from.memory.slice(pointer, bytes));
    return target;
  }
  to.memory.mark(target, bytes);
  for (let at = 0; at < bytes; at += item.size) {
    item.store(to, target + at, item.load(from, pointer + at));
  }
  return target;
}

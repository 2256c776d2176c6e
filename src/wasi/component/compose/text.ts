import { isUtf8 } from 'node:buffer';
import type { Guest } from '../abi/guest.ts';
import { GuestTrap } from '../abi/guest-trap.ts';
import { unsignedAt } from '../abi/numbers.ts';
import {
  readString,
  type StringEncoding,
  type StringPlace,
  utf16Tag,
  writeString,
} from '../abi/strings.ts';
import { typeIdentity } from '../abi/type-identity.ts';
import type { ValueType } from './value-type.ts';

/** The most bytes of a string or a list. */
export const largestSequence = 2 ** 28 - 1;

/** A string on its way: where it is. */
interface Text extends StringPlace {
  readonly guest: Guest;
}

/** `string`, between any two encodings. */
export const text: ValueType = {
  identity: () => typeIdentity('string'),
  size: 8,
  align: 4,
  flat: ['i32', 'i32'],
  load: (guest, pointer): Text => ({
    guest,
    pointer: guest.memory.u32(pointer),
    length: guest.memory.u32(pointer + 4),
  }),
  store: (guest, at, value) => {
    const { pointer, length } = transcode(value as Text, guest);
    guest.memory.setU32(at, pointer);
    guest.memory.setU32(at + 4, length);
  },
  lift: (guest, values, at): Text => ({
    guest,
    pointer: unsignedAt(values, at),
    length: unsignedAt(values, at + 1),
  }),
  lower: (guest, value, out) => {
    const { pointer, length } = transcode(value as Text, guest);
    out.push(pointer, length);
  },
};

function transcode({ guest: from, pointer, length }: Text, to: Guest): StringPlace {
  const bytes = byteLength(from.encoding, length);
  if (bytes > largestSequence) throw new GuestTrap(`Cannot pass a string: it has ${bytes} bytes`);
  if (from.encoding === 'utf8' && to.encoding === 'utf8') return copy(from, pointer, length, to);
  return writeString(to, readString(from, pointer, length));
}

function byteLength(encoding: StringEncoding, length: number): number {
  switch (encoding) {
    case 'utf8':
      return length;
    case 'utf16':
      return length * 2;
    case 'latin1+utf16':
      return length >= utf16Tag ? (length - utf16Tag) * 2 : length;
    default:
      return encoding satisfies never;
  }
}

function copy(from: Guest, pointer: number, length: number, to: Guest): StringPlace {
  if (!isUtf8(from.memory.slice(pointer, length))) {
    throw new GuestTrap('Cannot pass a string: it is not UTF-8');
  }
  const target = to.allocate(1, length);
  to.memory.write(target, from.memory.slice(pointer, length));
  return { pointer: target, length };
}

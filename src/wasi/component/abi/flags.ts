import type { Codec } from './codec.ts';
import { unsignedAt } from './numbers.ts';
import { typeIdentity } from './type-identity.ts';

export type FlagsOf<Name extends string> = { readonly [Key in Name]: boolean };

/** `flags { … }` of at most 32 names, in the order of the WIT. */
export function flags<const Name extends string>(names: readonly Name[]): Codec<FlagsOf<Name>> {
  const size = names.length <= 8 ? 1 : names.length <= 16 ? 2 : 4;
  const read = (bits: number) =>
    Object.fromEntries(
      names.map((name, index) => [name, (bits & (1 << index)) !== 0]),
    ) as FlagsOf<Name>;
  const write = (value: FlagsOf<Name>) =>
    names.reduce((bits, name, index) => (value[name] ? bits | (1 << index) : bits), 0) >>> 0;
  return {
    identity: () => typeIdentity('flags', [names.length]),
    size,
    align: size,
    flat: ['i32'],
    load: (guest, pointer) => {
      const { memory } = guest;
      if (size === 1) return read(memory.u8(pointer));
      return read(size === 2 ? memory.u16(pointer) : memory.u32(pointer));
    },
    store: (guest, pointer, value) => {
      if (size === 1) guest.memory.setU8(pointer, write(value));
      else if (size === 2) guest.memory.setU16(pointer, write(value));
      else guest.memory.setU32(pointer, write(value));
    },
    lift: (_guest, values, at) => read(unsignedAt(values, at)),
    lower: (_guest, value) => write(value),
  };
}

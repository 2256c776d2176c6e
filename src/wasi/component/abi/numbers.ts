import type { Codec, CoreValue } from './codec.ts';
import { GuestTrap } from './guest-trap.ts';
import { typeIdentity } from './type-identity.ts';

function number32(value: CoreValue | undefined): number {
  if (typeof value !== 'number') throw new GuestTrap('Cannot read a parameter: it is no number');
  return value;
}

function number64(value: CoreValue | undefined): bigint {
  if (typeof value !== 'bigint') throw new GuestTrap('Cannot read a parameter: it is no bigint');
  return value;
}

export const bool: Codec<boolean> = {
  identity: () => typeIdentity('bool'),
  size: 1,
  align: 1,
  flat: ['i32'],
  load: (guest, pointer) => guest.memory.u8(pointer) !== 0,
  store: (guest, pointer, value) => guest.memory.setU8(pointer, value ? 1 : 0),
  lift: (_guest, values, at) => number32(values[at]) !== 0,
  lower: (_guest, value) => (value ? 1 : 0),
};

export const u8: Codec<number> = {
  identity: () => typeIdentity('u8'),
  size: 1,
  align: 1,
  flat: ['i32'],
  load: (guest, pointer) => guest.memory.u8(pointer),
  store: (guest, pointer, value) => guest.memory.setU8(pointer, value),
  lift: (_guest, values, at) => number32(values[at]) & 0xff,
  lower: (_guest, value) => value,
};

export const u16: Codec<number> = {
  identity: () => typeIdentity('u16'),
  size: 2,
  align: 2,
  flat: ['i32'],
  load: (guest, pointer) => guest.memory.u16(pointer),
  store: (guest, pointer, value) => guest.memory.setU16(pointer, value),
  lift: (_guest, values, at) => number32(values[at]) & 0xffff,
  lower: (_guest, value) => value,
};

export const u32: Codec<number> = {
  identity: () => typeIdentity('u32'),
  size: 4,
  align: 4,
  flat: ['i32'],
  load: (guest, pointer) => guest.memory.u32(pointer),
  store: (guest, pointer, value) => guest.memory.setU32(pointer, value),
  lift: (_guest, values, at) => number32(values[at]) >>> 0,
  lower: (_guest, value) => value,
};

export const s32: Codec<number> = {
  ...u32,
  identity: () => typeIdentity('s32'),
  load: (guest, pointer) => guest.memory.u32(pointer) | 0,
  lift: (_guest, values, at) => number32(values[at]) | 0,
};

export const u64: Codec<bigint> = {
  identity: () => typeIdentity('u64'),
  size: 8,
  align: 8,
  flat: ['i64'],
  load: (guest, pointer) => guest.memory.u64(pointer),
  store: (guest, pointer, value) => guest.memory.setU64(pointer, value),
  lift: (_guest, values, at) => BigInt.asUintN(64, number64(values[at])),
  lower: (_guest, value) => value,
};

export const s64: Codec<bigint> = {
  ...u64,
  identity: () => typeIdentity('s64'),
  load: (guest, pointer) => BigInt.asIntN(64, guest.memory.u64(pointer)),
  lift: (_guest, values, at) => BigInt.asIntN(64, number64(values[at])),
};

/** The parameter at `at` as a pointer or length. */
export function unsignedAt(values: readonly CoreValue[], at: number): number {
  return number32(values[at]) >>> 0;
}

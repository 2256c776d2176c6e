import type { CoreType, CoreValue } from '../abi/codec.ts';
import type { ComponentMemory } from '../abi/component-memory.ts';
import { GuestTrap } from '../abi/guest-trap.ts';
import { typeIdentity } from '../abi/type-identity.ts';
import type { PrimitiveType } from '../binary/component.ts';
import { text } from './text.ts';
import type { ValueType } from './value-type.ts';

type Size = 1 | 2 | 4;

/** A number of at most 32 bits, of which `normal` makes what the type allows, or throws. */
export function word(
  identity: () => number,
  size: Size,
  normal: (value: number) => number,
  { isPlain = false }: { isPlain?: boolean } = {},
): ValueType {
  return {
    identity,
    size,
    align: size,
    flat: ['i32'],
    isPlain,
    load: (guest, pointer) => normal(loadWord(guest.memory, pointer, size)),
    store: (guest, pointer, value) => storeWord(guest.memory, pointer, size, value as number),
    lift: (_guest, values, at) => normal(Number(values[at])),
    lower: (_guest, value, out) => {
      out.push(value as number);
    },
  };
}

export function loadWord(memory: ComponentMemory, pointer: number, size: Size): number {
  if (size === 1) return memory.u8(pointer);
  return size === 2 ? memory.u16(pointer) : memory.u32(pointer);
}

export function storeWord(
  memory: ComponentMemory,
  pointer: number,
  size: Size,
  value: number,
): void {
  if (size === 1) memory.setU8(pointer, value);
  else if (size === 2) memory.setU16(pointer, value);
  else memory.setU32(pointer, value);
}

const plain = { isPlain: true };

function named(type: PrimitiveType): () => number {
  return () => typeIdentity(type);
}

const long = (type: 's64' | 'u64'): ValueType => ({
  identity: named(type),
  size: 8,
  align: 8,
  flat: ['i64'],
  ...plain,
  load: (guest, pointer) => guest.memory.u64(pointer),
  store: (guest, pointer, value) => guest.memory.setU64(pointer, value as bigint),
  lift: (_guest, values, at) => values[at],
  lower: (_guest, value, out) => {
    out.push(value as bigint);
  },
});

function float(type: CoreType & `f${string}`): ValueType {
  const size = type === 'f32' ? 4 : 8;
  return {
    identity: named(type),
    size,
    align: size,
    flat: [type],
    ...plain,
    load: ({ memory }, pointer) =>
      size === 4 ? asF32(memory.u32(pointer)) : asF64(memory.u64(pointer)),
    store: ({ memory }, pointer, value) => {
      if (size === 4) memory.setU32(pointer, bitsOfF32(value as number));
      else memory.setU64(pointer, bitsOfF64(value as number));
    },
    lift: (_guest, values, at) => Number(values[at]),
    lower: (_guest, value, out) => {
      out.push(value as number);
    },
  };
}

function character(value: number): number {
  const code = value >>> 0;
  if (code < 0xd800 || (code > 0xdfff && code < 0x110000)) return code;
  throw new GuestTrap(`Cannot pass a character: ${code} is none`);
}

export const primitives: Readonly<Record<Exclude<PrimitiveType, 'error-context'>, ValueType>> = {
  bool: word(named('bool'), 1, (value) => (value === 0 ? 0 : 1)),
  s8: word(named('s8'), 1, (value) => (value << 24) >> 24, plain),
  u8: word(named('u8'), 1, (value) => value & 0xff, plain),
  s16: word(named('s16'), 2, (value) => (value << 16) >> 16, plain),
  u16: word(named('u16'), 2, (value) => value & 0xffff, plain),
  s32: word(named('s32'), 4, (value) => value | 0, plain),
  u32: word(named('u32'), 4, (value) => value >>> 0, plain),
  s64: long('s64'),
  u64: long('u64'),
  f32: float('f32'),
  f64: float('f64'),
  char: word(named('char'), 4, character),
  string: text,
};

const scratch = new DataView(new ArrayBuffer(8));

function asF32(bits: number): number {
  scratch.setUint32(0, bits);
  return scratch.getFloat32(0);
}

function asF64(bits: bigint): number {
  scratch.setBigUint64(0, bits);
  return scratch.getFloat64(0);
}

function bitsOfF32(value: number): number {
  scratch.setFloat32(0, value);
  return scratch.getUint32(0);
}

function bitsOfF64(value: number): bigint {
  scratch.setFloat64(0, value);
  return scratch.getBigUint64(0);
}

/** A core value as one of another type with the same bits; the case of a variant has what others pad. */
export function convert(value: CoreValue, from: CoreType, to: CoreType): CoreValue {
  if (from === to) return value;
  if (to === 'i64') return widen(value, from);
  if (from === 'i64') return narrow(BigInt(value), to);
  return to === 'f32' ? asF32(Number(value) >>> 0) : bitsOfF32(Number(value));
}

function widen(value: CoreValue, from: CoreType): bigint {
  if (from === 'f64') return bitsOfF64(Number(value));
  return BigInt(from === 'f32' ? bitsOfF32(Number(value)) : Number(value) >>> 0);
}

function narrow(value: bigint, to: CoreType): number {
  if (to === 'f64') return asF64(BigInt.asUintN(64, value));
  const low = Number(BigInt.asUintN(32, value));
  return to === 'f32' ? asF32(low) : low;
}

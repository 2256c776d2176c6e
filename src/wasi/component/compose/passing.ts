import type { CoreValue } from '../abi/codec.ts';
import type { Guest } from '../abi/guest.ts';
import { GuestTrap } from '../abi/guest-trap.ts';
import { unsignedAt } from '../abi/numbers.ts';
import { mostFlat, type ValueType } from './value-type.ts';

/** Whether a value is passed by a pointer to it, as it is more core values than `most`. */
export function isInMemory({ flat }: ValueType, most = mostFlat): boolean {
  return flat === undefined || flat.length > most;
}

/** Reads a value from core values, or from where the first of them points. */
export function liftFrom(
  guest: Guest,
  type: ValueType,
  values: readonly CoreValue[],
  most?: number,
): unknown {
  if (!isInMemory(type, most)) return type.lift(guest, values, 0);
  const pointer = unsignedAt(values, 0);
  checkAligned(pointer, type);
  guest.memory.slice(pointer, type.size);
  return type.load(guest, pointer);
}

/** Makes core values of a value, or a pointer to new memory where it is. */
export function lowerTo(guest: Guest, type: ValueType, value: unknown): CoreValue[] {
  const out: CoreValue[] = [];
  if (isInMemory(type)) {
    const pointer = guest.allocate(type.align, type.size);
    storeTo(guest, type, value, pointer);
    out.push(pointer);
  } else {
    type.lower(guest, value, out);
  }
  return out;
}

/** Writes a value to where somebody has made room for it. */
export function storeTo(guest: Guest, type: ValueType, value: unknown, pointer: number): void {
  checkAligned(pointer, type);
  guest.memory.mark(pointer, type.size);
  type.store(guest, pointer, value);
}

function checkAligned(pointer: number, { align }: ValueType): void {
  if (pointer % align !== 0) throw new GuestTrap(`Cannot pass values: ${pointer} is misaligned`);
}

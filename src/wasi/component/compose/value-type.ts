import type { CoreType, CoreValue } from '../abi/codec.ts';
import type { Guest } from '../abi/guest.ts';
import type { Typed } from '../abi/type-identity.ts';

/** More core values than this are passed in memory. */
export const mostFlat = 16;

/**
 * A type of values that one component passes to another. A value on its way is a number, a bigint, or
 * what the type itself makes of it: lists and strings stay in the memory that they are in until they
 * are stored, so that none of them has to fit into this process.
 * See https://github.com/WebAssembly/component-model/blob/main/design/mvp/CanonicalABI.md
 */
export interface ValueType extends Typed {
  readonly size: number;
  readonly align: number;
  /** The core values it is passed as; undefined where they are more than {@link mostFlat}. */
  readonly flat: readonly CoreType[] | undefined;
  /** Whether bytes in memory can be copied as they are. */
  readonly isPlain?: boolean;
  load(guest: Guest, pointer: number): unknown;
  store(guest: Guest, pointer: number, value: unknown): void;
  /** Reads a value from the core values that start at `values[at]`. */
  lift(guest: Guest, values: readonly CoreValue[], at: number): unknown;
  lower(guest: Guest, value: unknown, out: CoreValue[]): void;
}

/** All types' core values in one row, if they are few enough. */
export function joinFlat(types: readonly ValueType[]): CoreType[] | undefined {
  const joined: CoreType[] = [];
  for (const { flat } of types) {
    if (flat === undefined || joined.length + flat.length > mostFlat) return undefined;
    joined.push(...flat);
  }
  return joined;
}

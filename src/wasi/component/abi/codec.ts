import type { Guest } from './guest.ts';
import type { Typed } from './type-identity.ts';

export type CoreType = 'i32' | 'i64' | 'f32' | 'f64';
export type CoreValue = number | bigint;

/**
 * How values of one WIT type cross the canonical ABI: as fields in memory, or flat as core values.
 * See https://github.com/WebAssembly/component-model/blob/main/design/mvp/CanonicalABI.md
 */
export interface Codec<T> extends Typed {
  readonly size: number;
  readonly align: number;
  /** The core values that a parameter of this type is passed as. */
  readonly flat: readonly CoreType[];
  /** Reads the value stored at `pointer`. */
  load(guest: Guest, pointer: number): T;
  store(guest: Guest, pointer: number, value: T): void;
  /** Reads the value from the flat parameters that start at `values[at]`. */
  lift(guest: Guest, values: readonly CoreValue[], at: number): T;
  /** The single core value of a result whose type is one value flat. */
  lower(guest: Guest, value: T): CoreValue;
}

export function alignTo(offset: number, align: number): number {
  return Math.ceil(offset / align) * align;
}

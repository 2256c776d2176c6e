import { alignTo, type Codec, type CoreType, type CoreValue } from './codec.ts';
import type { Guest } from './guest.ts';
import { GuestTrap } from './guest-trap.ts';
import { unsignedAt } from './numbers.ts';
import { typeIdentity } from './type-identity.ts';

/** The cases of a variant: each name's payload, undefined for none. */
type Cases = Readonly<Record<string, Codec<unknown> | undefined>>;

/** A value of a variant: `{ kind }` for a case without payload, else `{ kind, value }`. */
export type VariantOf<C> = {
  [Kind in keyof C & string]: C[Kind] extends Codec<infer T>
    ? { readonly kind: Kind; readonly value: T }
    : { readonly kind: Kind };
}[keyof C & string];

interface CaseValue {
  readonly kind: string;
  readonly value?: unknown;
}

/** `variant { … }`, cases in the order of the WIT. */
export function variant<const C extends Cases>(cases: C): Codec<VariantOf<C>> {
  return new VariantCodec<CaseValue>(Object.entries(cases), {
    indexOf: caseIndex(Object.keys(cases)),
    payloadOf: (value) => value.value,
    make: (kind, value) => (value === undefined ? { kind } : { kind, value }),
  }) as unknown as Codec<VariantOf<C>>;
}

/** `option<T>`, undefined for none. */
export function option<T>(some: Codec<T>): Codec<T | undefined> {
  const cases: [string, Codec<unknown> | undefined][] = [
    ['none', undefined],
    ['some', some],
  ];
  return new VariantCodec<T | undefined>(cases, {
    indexOf: (value) => (value === undefined ? 0 : 1),
    payloadOf: (value) => value,
    make: (_kind, value) => value as T | undefined,
  });
}

/** What a host function that may fail returns. */
export type Result<T, E> =
  | { readonly kind: 'ok'; readonly value: T }
  | { readonly kind: 'error'; readonly error: E };

export function ok<T>(value: T): { readonly kind: 'ok'; readonly value: T } {
  return { kind: 'ok', value };
}

export function error<E>(error: E): { readonly kind: 'error'; readonly error: E } {
  return { kind: 'error', error };
}

/** A success without a value. */
export const done: { readonly kind: 'ok'; readonly value: undefined } = ok(undefined);

/** `result<T, E>`; {@link unit} stands for `_`. */
export function result<T, E>(success: Codec<T>, failure: Codec<E>): Codec<Result<T, E>> {
  const cases: [string, Codec<unknown> | undefined][] = [
    ['ok', success.size === 0 ? undefined : success],
    ['error', failure.size === 0 ? undefined : failure],
  ];
  return new VariantCodec<Result<T, E>>(cases, {
    indexOf: (value) => (value.kind === 'ok' ? 0 : 1),
    payloadOf: (value) => (value.kind === 'ok' ? value.value : value.error),
    make: (kind, value) => (kind === 'ok' ? ok(value as T) : error(value as E)),
  });
}

/** No value at all: what a function without results returns. */
export const unit: Codec<undefined> = {
  identity: () => typeIdentity('unit'),
  size: 0,
  align: 1,
  flat: [],
  load: () => undefined,
  store: () => undefined,
  lift: () => undefined,
  lower: () => 0,
};

/** `enum { … }`, cases in the order of the WIT. */
export function enumeration<const Name extends string>(names: readonly Name[]): Codec<Name> {
  const cases = names.map((name): [string, undefined] => [name, undefined]);
  const indexOf = caseIndex(names);
  return new VariantCodec<string>(cases, {
    indexOf: (kind) => indexOf({ kind }),
    payloadOf: () => undefined,
    make: (kind) => kind,
  }) as Codec<string> as Codec<Name>;
}

function caseIndex(names: readonly string[]): (value: CaseValue) => number {
  const indices = new Map(names.map((name, index) => [name, index]));
  return ({ kind }) => {
    const index = indices.get(kind);
    if (index === undefined) throw new TypeError(`Cannot pass '${kind}': it is no case`);
    return index;
  };
}

interface VariantShape<T> {
  readonly indexOf: (value: T) => number;
  readonly payloadOf: (value: T) => unknown;
  readonly make: (kind: string, payload: unknown) => T;
}

class VariantCodec<T> implements Codec<T> {
  readonly size: number;
  readonly align: number;
  readonly flat: readonly CoreType[];
  readonly #cases: readonly (readonly [string, Codec<unknown> | undefined])[];
  readonly #shape: VariantShape<T>;
  readonly #discriminantSize: 1 | 2;
  readonly #payloadAt: number;

  constructor(
    cases: readonly (readonly [string, Codec<unknown> | undefined])[],
    shape: VariantShape<T>,
  ) {
    this.#cases = cases;
    this.#shape = shape;
    this.#discriminantSize = cases.length > 256 ? 2 : 1;
    const payloads = cases.flatMap(([, payload]) => payload ?? []);
    this.align = Math.max(this.#discriminantSize, ...payloads.map((payload) => payload.align));
    const payloadAlign = Math.max(1, ...payloads.map((payload) => payload.align));
    this.#payloadAt = alignTo(this.#discriminantSize, payloadAlign);
    const largest = Math.max(0, ...payloads.map((payload) => payload.size));
    this.size = alignTo(this.#payloadAt + largest, this.align);
    this.flat = ['i32', ...joinFlat(payloads)];
  }

  readonly identity = (): number =>
    typeIdentity(
      'variant',
      this.#cases.map(([, payload]) => payload),
    );

  load(guest: Guest, pointer: number): T {
    const { memory } = guest;
    const index = this.#discriminantSize === 1 ? memory.u8(pointer) : memory.u16(pointer);
    const [kind, payload] = this.#case(index);
    return this.#shape.make(kind, payload?.load(guest, pointer + this.#payloadAt));
  }

  store(guest: Guest, pointer: number, value: T): void {
    const index = this.#shape.indexOf(value);
    if (this.#discriminantSize === 1) guest.memory.setU8(pointer, index);
    else guest.memory.setU16(pointer, index);
    const payload = this.#cases[index]?.[1];
    if (payload === undefined) return;
    payload.store(guest, pointer + this.#payloadAt, this.#shape.payloadOf(value));
  }

  lift(guest: Guest, values: readonly CoreValue[], at: number): T {
    const [kind, payload] = this.#case(unsignedAt(values, at));
    if (payload === undefined) return this.#shape.make(kind, undefined);
    const narrowed = payload.flat.map((type, index) => narrow(values[at + 1 + index], type));
    return this.#shape.make(kind, payload.lift(guest, narrowed, 0));
  }

  lower(_guest: Guest, value: T): CoreValue {
    return this.#shape.indexOf(value);
  }

  #case(index: number): readonly [string, Codec<unknown> | undefined] {
    const found = this.#cases[index];
    if (found === undefined) throw new GuestTrap(`Cannot read a variant: it has no case ${index}`);
    return found;
  }
}

/** The flat payloads of all cases share their core values, each as wide as the widest needs it. */
function joinFlat(payloads: readonly Codec<unknown>[]): CoreType[] {
  const length = Math.max(0, ...payloads.map((payload) => payload.flat.length));
  return Array.from({ length }, (_, index) =>
    payloads.flatMap((payload) => payload.flat[index] ?? []).reduce(join),
  );
}

function join(left: CoreType, right: CoreType): CoreType {
  if (left === right) return left;
  const narrow = (type: CoreType) => type === 'i32' || type === 'f32';
  return narrow(left) && narrow(right) ? 'i32' : 'i64';
}

/** WASI's variants carry no floats, so that only a widened integer has to be narrowed. */
function narrow(value: CoreValue | undefined, type: CoreType): CoreValue {
  if (value === undefined) throw new GuestTrap('Cannot read a variant: a value is missing');
  if (type === 'i32' && typeof value === 'bigint') return Number(BigInt.asIntN(32, value));
  return value;
}

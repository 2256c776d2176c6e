import { alignTo, type Codec, type CoreValue } from './codec.ts';
import type { Guest } from './guest.ts';
import { unsignedAt } from './numbers.ts';
import type { Resource, ResourceClass } from './resource.ts';
import { type FunctionShape, specializedFunction } from './specialized-function.ts';

/** A function as a core module calls it. */
export type CoreFunction = (
  ...values: CoreValue[]
) => CoreValue | undefined | Promise<undefined | CoreValue>;

/** A function of a WASI interface, to be bound to each guest that imports it. */
export interface HostFunction {
  /** Whether it may wait, and then returns a promise where the guest can be suspended. */
  readonly suspends: boolean;
  readonly bind: (guest: Guest) => CoreFunction;
  /** As {@link bind}, for a guest that does not wait: only functions that are `async` in WIT. */
  readonly bindAsync?: (guest: Guest) => CoreFunction;
}

/** The functions and resources of one WASI interface, under their WIT names. */
export interface HostInterface {
  readonly name: string;
  readonly functions: Readonly<Record<string, HostFunction>>;
  readonly resources?: Readonly<Record<string, ResourceClass<Resource>>>;
}

/** The most flat parameters a function takes; more are passed in memory. */
export const maximumFlatParameters = 16;

export type Codecs<P extends readonly unknown[]> = { readonly [Key in keyof P]: Codec<P[Key]> };

/** A function that returns at once. */
export function hostFunction<const P extends readonly unknown[], R>(
  parameters: Codecs<P>,
  result: Codec<R>,
  implementation: (guest: Guest, ...values: P) => R,
): HostFunction {
  return functionOf({ parameters, result, suspends: false }, implementation);
}

/** A function that may have to wait for something. */
export function suspendingFunction<const P extends readonly unknown[], R>(
  parameters: Codecs<P>,
  result: Codec<R>,
  implementation: (guest: Guest, ...values: P) => R | Promise<R>,
): HostFunction {
  return functionOf({ parameters, result, suspends: true }, implementation);
}

function functionOf<P extends readonly unknown[]>(
  shape: FunctionShape,
  implementation: (guest: Guest, ...values: P) => unknown,
): HostFunction {
  if (flatLengthOf(shape.parameters) > maximumFlatParameters) {
    throw new TypeError('Cannot define a function whose parameters are passed in memory');
  }
  return { suspends: shape.suspends, bind: specializedFunction(shape, implementation) };
}

type Lifter<P> = (guest: Guest, values: readonly CoreValue[]) => P;

/** Reads parameters, of which more than `maximum` flat ones are passed in memory. */
export function parameterLifter<P extends readonly unknown[]>(
  parameters: Codecs<P>,
  maximum = maximumFlatParameters,
): Lifter<P> {
  const codecs: readonly Codec<unknown>[] = parameters;
  const starts = flatStarts(codecs);
  // The codecs are P's own, in order: what they read is a P.
  if (flatLengthOf(codecs) > maximum) {
    return (guest, values) => loadAll(guest, codecs, unsignedAt(values, 0)) as unknown as P;
  }
  return (guest, values) =>
    codecs.map((codec, index) => codec.lift(guest, values, starts[index] ?? 0)) as unknown as P;
}

/** How many core values these are passed as. */
export function flatLengthOf(codecs: readonly Codec<unknown>[]): number {
  return codecs.reduce((length, codec) => length + codec.flat.length, 0);
}

function flatStarts(codecs: readonly Codec<unknown>[]): number[] {
  let at = 0;
  return codecs.map((codec) => {
    const start = at;
    at += codec.flat.length;
    return start;
  });
}

function loadAll(guest: Guest, codecs: readonly Codec<unknown>[], pointer: number): unknown[] {
  let at = pointer;
  return codecs.map((codec) => {
    at = alignTo(at, codec.align);
    const value = codec.load(guest, at);
    at += codec.size;
    return value;
  });
}

/** A result of more than one core value is stored where the last parameter points. */
export function resultLowerer<R>(
  parameters: readonly Codec<unknown>[],
  result: Codec<R>,
): (guest: Guest, values: readonly CoreValue[], value: R) => CoreValue | undefined {
  if (result.flat.length === 0) return () => undefined;
  if (result.flat.length === 1) return (guest, _values, value) => result.lower(guest, value);
  const flatLength = flatLengthOf(parameters);
  const returnAt = flatLength > maximumFlatParameters ? 1 : flatLength;
  return (guest, values, value) => {
    result.store(guest, unsignedAt(values, returnAt), value);
    return undefined;
  };
}

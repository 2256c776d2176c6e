import type { Codec } from './codec.ts';
import { string } from './lists.ts';
import { option, type VariantOf, variant } from './variants.ts';

/**
 * An enumeration that may grow, as WASI 0.3 has them: a variant whose last case is
 * `other(option<string>)`. A name that is not among `names` is passed as that text.
 */
export function openEnumeration<Name extends string>(names: readonly Name[]): Codec<Name> {
  const cases = { ...Object.fromEntries(names.map((name) => [name, undefined])), other: optional };
  const codec = variant(cases) as Codec<VariantOf<typeof cases>>;
  const known = new Set<string>(names);
  const encode = (name: Name) =>
    known.has(name) ? { kind: name } : { kind: 'other', value: name as string };
  // The cases without a payload are the names, and 'other' is no name of anybody's.
  const decode = ({ kind }: { kind: string }) => kind as Name;
  return {
    identity: codec.identity,
    size: codec.size,
    align: codec.align,
    flat: codec.flat,
    load: (guest, pointer) => decode(codec.load(guest, pointer)),
    store: (guest, pointer, name) => codec.store(guest, pointer, encode(name) as never),
    lift: (guest, values, at) => decode(codec.lift(guest, values, at)),
    lower: (guest, name) => codec.lower(guest, encode(name) as never),
  };
}

const optional = option(string);

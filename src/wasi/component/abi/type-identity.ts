import type { Resource, ResourceClass } from './resource.ts';

/** Each type that was described, by what it was described as. */
const known = new Map<string, number>();
const resources = new WeakMap<object, number>();
let lastResource = 0;

/** Something that values of one type are passed by, whoever made it. */
export interface Typed {
  /** The same number for all that stand for one type, and for no others. */
  readonly identity: () => number;
}

/**
 * The number of a type.
 *
 * @param kind what it is made as
 * @param parts of types that it is made of, undefined for none, and what else tells it from others
 */
export function typeIdentity(
  kind: string,
  parts: readonly (Typed | string | number | undefined)[] = [],
): number {
  const words = parts.map((part) => (typeof part === 'object' ? `#${part.identity()}` : `${part}`));
  const text = `${kind}(${words})`;
  const found = known.get(text) ?? known.size;
  known.set(text, found);
  return found;
}

/** Numbers are copied as they are, whether they are signed or not, or floats. */
const copiedAs: Readonly<Record<string, string>> = {
  s8: 'u8',
  s16: 'u16',
  s32: 'u32',
  f32: 'u32',
  s64: 'u64',
  f64: 'u64',
};
const copies = new Map(
  Object.entries(copiedAs).map(([type, other]) => [typeIdentity(type), typeIdentity(other)]),
);

/** Whether items of two types are the same in a channel. */
export function areSameItems(one: Typed, other: Typed): boolean {
  const [first, second] = [one.identity(), other.identity()];
  return (copies.get(first) ?? first) === (copies.get(second) ?? second);
}

/** What tells a resource of the host's from others. */
export function resourceIdentity(type: ResourceClass<Resource>): number {
  const found = resources.get(type) ?? ++lastResource;
  resources.set(type, found);
  return found;
}

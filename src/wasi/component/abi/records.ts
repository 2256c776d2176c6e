import { alignTo, type Codec, type CoreType, type CoreValue } from './codec.ts';
import type { Guest } from './guest.ts';
import { typeIdentity } from './type-identity.ts';

type Fields<T> = { readonly [Key in keyof T]: Codec<T[Key]> };

interface Field {
  readonly key: string;
  readonly codec: Codec<unknown>;
  readonly offset: number;
  readonly flatAt: number;
}

interface Layout {
  readonly fields: readonly Field[];
  readonly size: number;
  readonly align: number;
  readonly flat: readonly CoreType[];
}

function layOut(codecs: Readonly<Record<string, Codec<unknown>>>): Layout {
  const fields: Field[] = [];
  const flat: CoreType[] = [];
  let offset = 0;
  let align = 1;
  for (const [key, codec] of Object.entries(codecs)) {
    offset = alignTo(offset, codec.align);
    fields.push({ key, codec, offset, flatAt: flat.length });
    flat.push(...codec.flat);
    offset += codec.size;
    align = Math.max(align, codec.align);
  }
  return { fields, size: alignTo(offset, align), align, flat };
}

/** `record { … }`, fields in the order of the WIT. */
export function record<T extends object>(codecs: Fields<T>): Codec<T> {
  const layout = layOut(codecs as Readonly<Record<string, Codec<unknown>>>);
  return product(layout, (values) => Object.fromEntries(values) as T);
}

/** `tuple<…>`. */
export function tuple<const T extends readonly unknown[]>(...codecs: Fields<T>): Codec<T> {
  const layout = layOut({ ...codecs } as unknown as Readonly<Record<string, Codec<unknown>>>);
  return product(layout, (values) => values.map(([, value]) => value) as unknown as T);
}

function product<T>(
  layout: Layout,
  make: (values: readonly (readonly [string, unknown])[]) => T,
): Codec<T> {
  const { fields, size, align, flat } = layout;
  const types = fields.map(({ codec }) => codec);
  return {
    identity: () => typeIdentity('tuple', types),
    size,
    align,
    flat,
    load: (guest, pointer) =>
      make(fields.map(({ key, codec, offset }) => [key, codec.load(guest, pointer + offset)])),
    store: (guest, pointer, value) => {
      for (const { key, codec, offset } of fields) {
        codec.store(guest, pointer + offset, fieldOf(value, key));
      }
    },
    lift: (guest, values, at) =>
      make(fields.map(({ key, codec, flatAt }) => [key, codec.lift(guest, values, at + flatAt)])),
    lower: (guest, value) => lowerOnly(fields, guest, value),
  };
}

function lowerOnly(fields: readonly Field[], guest: Guest, value: unknown): CoreValue {
  const [field] = fields;
  if (field === undefined || fields.length > 1) {
    throw new TypeError('Cannot lower a record to one value: it is several');
  }
  return field.codec.lower(guest, fieldOf(value, field.key));
}

/** Records and tuples are told apart by their type alone: both are read by key. */
function fieldOf(value: unknown, key: string): unknown {
  return (value as Readonly<Record<string, unknown>>)[key];
}

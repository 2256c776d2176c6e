import type { Field } from './fields.ts';
import { readFields, type WireValue } from './wire.ts';

/** How one type of message becomes bytes, and bytes one such message. */
export interface Message<T> {
  /** What is left away has its default. */
  encode(value: Partial<T>): Uint8Array;
  /** @throws {WireError} where the bytes are no such message; fields that are not known are skipped */
  decode(bytes: Uint8Array): T;
}

/** The type that a message's `decode` gives. */
export type MessageType<M> = M extends Message<infer T> ? T : never;

type Fields<T> = { readonly [Name in keyof T]: Field<T[Name]> };

/** A message with these fields, named as they are used here. */
export function message<T extends object>(fields: Fields<T>): Message<T> {
  const names = Object.keys(fields) as (keyof T)[]; // an object's own keys are those of its type
  return {
    encode: (value) =>
      concat(
        names.flatMap((name) => {
          const own = value[name];
          return own === undefined ? [] : fields[name].encode(own);
        }),
      ),
    decode: (bytes) => {
      const values = groupById(bytes);
      const entries = names.map((name) => {
        const field = fields[name];
        return [name, field.decode(values.get(field.id) ?? [])] as const;
      });
      return Object.fromEntries(entries) as T; // each name has the value of its field
    },
  };
}

function groupById(bytes: Uint8Array): ReadonlyMap<number, readonly WireValue[]> {
  const values = new Map<number, WireValue[]>();
  for (const [id, value] of readFields(bytes)) {
    const own = values.get(id);
    if (own) own.push(value);
    else values.set(id, [value]);
  }
  return values;
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(parts);
}

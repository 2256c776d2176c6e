import type { Codec } from '../abi/codec.ts';
import { borrow, own } from '../abi/handles.ts';
import { type HostFunction, hostFunction } from '../abi/host-function.ts';
import { bytes, list, string } from '../abi/lists.ts';
import { bool } from '../abi/numbers.ts';
import { tuple } from '../abi/records.ts';
import { ok, type Result, result, unit } from '../abi/variants.ts';
import { type Field, Fields, type HeaderError } from './fields.ts';

const fields = borrow(() => Fields);
const ownFields = own(() => Fields);
const fieldEntries = list(tuple(string, bytes));

/** In what the versions of wasi:http differ. */
export interface FieldsDialect {
  readonly headerError: Codec<HeaderError>;
  /** What the function is called that gives all fields. */
  readonly all: 'entries' | 'copy-all';
}

/** Functions of `fields`. */
export function fieldsFunctions({ headerError, all }: FieldsDialect): Record<string, HostFunction> {
  const fieldResult = result(unit, headerError);
  return {
    '[constructor]fields': hostFunction([], ownFields, () => new Fields()),
    '[static]fields.from-list': hostFunction(
      [fieldEntries],
      result(ownFields, headerError),
      (_guest, entries) => fromEntries(entries),
    ),
    '[method]fields.get': hostFunction([fields, string], list(bytes), (_guest, self, name) =>
      self.get(name).map(encode),
    ),
    '[method]fields.has': hostFunction(
      [fields, string],
      bool,
      (_guest, self, name) => self.get(name).length > 0,
    ),
    '[method]fields.set': hostFunction(
      [fields, string, list(bytes)],
      fieldResult,
      (_guest, self, name, values) => self.set(name, values.map(latin1)),
    ),
    '[method]fields.delete': hostFunction([fields, string], fieldResult, (_guest, self, name) =>
      self.delete(name),
    ),
    '[method]fields.append': hostFunction(
      [fields, string, bytes],
      fieldResult,
      (_guest, self, name, value) => self.append(name, latin1(value)),
    ),
    [`[method]fields.${all}`]: hostFunction([fields], fieldEntries, (_guest, self) =>
      self.entries.map((entry: Field) => [entry.name, encode(entry.value)] as const),
    ),
    '[method]fields.clone': hostFunction(
      [fields],
      ownFields,
      (_guest, self) => new Fields(self.entries),
    ),
  };
}

function fromEntries(
  entries: readonly (readonly [string, Uint8Array])[],
): Result<Fields, HeaderError> {
  const made = new Fields();
  for (const [name, value] of entries) {
    const added = made.append(name, latin1(value));
    if (added.kind === 'error') return added;
  }
  return ok(made);
}

/** Bytes as Node's http carries them. */
function latin1(value: Uint8Array): string {
  return Buffer.from(value.buffer, value.byteOffset, value.length).toString('latin1');
}

/** The bytes of a value. */
export function encode(value: string): Uint8Array {
  return Buffer.from(value, 'latin1');
}

import type * as v from 'valibot';
import type { ManifestProblem } from './manifest-error.ts';
import { nearestName } from './nearest-name.ts';

/** Whether fields that a schema does not know are listed. */
export type UnknownFields = 'allowed' | 'error';

/**
 * Lists what a schema's parser would let pass: lists where mappings belong, and, where they are
 * errors, unknown fields, each with the nearest one that is known.
 */
export function structureProblems(
  schema: v.GenericSchema,
  input: unknown,
  unknown: UnknownFields,
): readonly ManifestProblem[] {
  const walk = new StructureWalk(unknown);
  walk.visit(schema, input);
  return walk.problems;
}

/** Every object of a cluster comes by here, and few have a problem: paths are made for those alone. */
class StructureWalk {
  readonly problems: ManifestProblem[] = [];
  readonly #unknown: UnknownFields;
  readonly #keys: (string | number)[] = [];

  constructor(unknown: UnknownFields) {
    this.#unknown = unknown;
  }

  visit(schema: v.GenericSchema, input: unknown): void {
    if (typeof input !== 'object' || input === null) return;
    const inner = unwrap(schema);
    if (isArraySchema(inner) && Array.isArray(input)) {
      for (const [index, item] of input.entries()) this.#visitBelow(index, inner.item, item);
    } else if (isObjectSchema(inner) || isRecordSchema(inner)) {
      if (Array.isArray(input)) this.#add('must be a mapping, but is a list');
      else this.#visitFields(inner, input as Readonly<Record<string, unknown>>);
    }
  }

  #visitFields(schema: MappingSchema, input: Readonly<Record<string, unknown>>): void {
    for (const key of Object.keys(input)) {
      const known = isRecordSchema(schema) ? schema.value : entryOf(schema, key);
      if (known !== undefined) this.#visitBelow(key, known, input[key]);
      else if (this.#unknown === 'error' && isObjectSchema(schema)) this.#refuse(key, schema);
    }
  }

  #visitBelow(key: string | number, schema: v.GenericSchema, value: unknown): void {
    this.#keys.push(key);
    this.visit(schema, value);
    this.#keys.pop();
  }

  #refuse(key: string, { entries }: ObjectSchema): void {
    this.#keys.push(key);
    this.#add(unknownField(key, Object.keys(entries)));
    this.#keys.pop();
  }

  #add(message: string): void {
    const path = this.#keys.reduce<string>(
      (above, key) => (typeof key === 'number' ? `${above}[${key}]` : fieldPath(above, key)),
      '',
    );
    this.problems.push({ path, message });
  }
}

type ObjectSchema = v.GenericSchema & { entries: v.ObjectEntries };
type RecordSchema = v.GenericSchema & { value: v.GenericSchema };
type MappingSchema = ObjectSchema | RecordSchema;

function entryOf(schema: ObjectSchema, key: string): v.GenericSchema | undefined {
  return Object.hasOwn(schema.entries, key) ? schema.entries[key] : undefined;
}

/** The path of a field below another, such as `metadata.labels['a/b']`. */
export function fieldPath(path: string, key: string): string {
  if (!/^\w+$/.test(key)) return `${path}['${key}']`;
  return path === '' ? key : `${path}.${key}`;
}

function unknownField(key: string, candidates: readonly string[]): string {
  const nearest = nearestName(key, candidates);
  return nearest === undefined ? 'unknown field' : `unknown field, did you mean '${nearest}'?`;
}

function unwrap(schema: v.GenericSchema): v.GenericSchema {
  return 'wrapped' in schema ? unwrap(schema.wrapped as v.GenericSchema) : schema;
}

function isObjectSchema(schema: v.GenericSchema): schema is ObjectSchema {
  return schema.type === 'object' && 'entries' in schema;
}

function isArraySchema(
  schema: v.GenericSchema,
): schema is v.GenericSchema & { item: v.GenericSchema } {
  return schema.type === 'array' && 'item' in schema;
}

function isRecordSchema(schema: v.GenericSchema): schema is RecordSchema {
  return schema.type === 'record' && 'value' in schema;
}

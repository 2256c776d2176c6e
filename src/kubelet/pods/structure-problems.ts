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
  path = '',
): readonly ManifestProblem[] {
  const inner = unwrap(schema);
  const walk = (next: v.GenericSchema, value: unknown, at: string) =>
    structureProblems(next, value, unknown, at);
  if (isArraySchema(inner) && Array.isArray(input)) {
    return input.flatMap((item, index) => walk(inner.item, item, `${path}[${index}]`));
  }
  if (!isObjectSchema(inner) && !isRecordSchema(inner)) return [];
  if (Array.isArray(input)) return [{ path, message: 'must be a mapping, but is a list' }];
  if (!isPlainObject(input)) return [];
  return Object.entries(input).flatMap(([key, value]) => {
    const at = fieldPath(path, key);
    if (isRecordSchema(inner)) return walk(inner.value, value, at);
    const known = Object.hasOwn(inner.entries, key) ? inner.entries[key] : undefined;
    if (known !== undefined) return walk(known, value, at);
    return unknown === 'error'
      ? [{ path: at, message: unknownField(key, Object.keys(inner.entries)) }]
      : [];
  });
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

function isObjectSchema(
  schema: v.GenericSchema,
): schema is v.GenericSchema & { entries: v.ObjectEntries } {
  return schema.type === 'object' && 'entries' in schema;
}

function isArraySchema(
  schema: v.GenericSchema,
): schema is v.GenericSchema & { item: v.GenericSchema } {
  return schema.type === 'array' && 'item' in schema;
}

function isRecordSchema(
  schema: v.GenericSchema,
): schema is v.GenericSchema & { value: v.GenericSchema } {
  return schema.type === 'record' && 'value' in schema;
}

function isPlainObject(input: unknown): input is Readonly<Record<string, unknown>> {
  return typeof input === 'object' && input !== null && !Array.isArray(input);
}

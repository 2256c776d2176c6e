import * as v from 'valibot';
import { objectMeta } from './metadata.ts';
import { flag, stringMap } from './scalars.ts';

const bytes = v.pipe(
  v.string(),
  v.regex(/^[A-Za-z0-9+/\s]*={0,2}\s*$/, 'must be base64; for plain text use "stringData"'),
  v.transform((text) => Buffer.from(text, 'base64')),
);

/** core/v1 ConfigMap. */
export const configMapSchema = v.object({
  apiVersion: v.optional(v.literal('v1'), 'v1'),
  kind: v.optional(v.literal('ConfigMap'), 'ConfigMap'),
  metadata: objectMeta,
  immutable: flag,
  data: v.optional(stringMap, {}),
  binaryData: v.optional(v.record(v.string(), bytes), {}),
});
export type ConfigMap = v.InferOutput<typeof configMapSchema>;

/** core/v1 Secret. */
export const secretSchema = v.object({
  apiVersion: v.optional(v.literal('v1'), 'v1'),
  kind: v.optional(v.literal('Secret'), 'Secret'),
  metadata: objectMeta,
  immutable: flag,
  data: v.optional(v.record(v.string(), bytes), {}),
  stringData: v.optional(stringMap, {}),
  type: v.optional(v.string(), 'Opaque'),
});
export type Secret = v.InferOutput<typeof secretSchema>;

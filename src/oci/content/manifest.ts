import * as v from 'valibot';
import { OciError } from '../errors.ts';
import { type Descriptor, descriptorSchema } from './descriptor.ts';
import { indexTypes, manifestTypes } from './media-types.ts';
import { parseJson } from './parse-json.ts';

/** What a reference leads to: one image, or a list of images for several platforms. */
export type Manifest = ImageManifest | ImageIndex;

/** https://github.com/opencontainers/image-spec/blob/main/manifest.md */
export interface ImageManifest {
  readonly kind: 'manifest';
  readonly mediaType: string;
  readonly artifactType?: string | undefined;
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
  readonly annotations: Readonly<Record<string, string>>;
}

/** https://github.com/opencontainers/image-spec/blob/main/image-index.md */
export interface ImageIndex {
  readonly kind: 'index';
  readonly mediaType: string;
  readonly manifests: readonly Descriptor[];
}

const maxLayers = 512;

const annotations = v.optional(v.nullable(v.record(v.string(), v.string()), {}), {});

const manifestSchema = v.object({
  schemaVersion: v.literal(2),
  mediaType: v.optional(v.string()),
  artifactType: v.optional(v.string()),
  config: descriptorSchema,
  layers: v.pipe(v.array(descriptorSchema), v.maxLength(maxLayers)),
  annotations,
});

const indexSchema = v.object({
  schemaVersion: v.literal(2),
  mediaType: v.optional(v.string()),
  manifests: v.pipe(v.array(descriptorSchema), v.maxLength(maxLayers)),
});

/**
 * Parses a manifest or an index.
 *
 * @param contentType The type that the registry answered with, for manifests that do not say theirs.
 * @throws OciError `InvalidResponse` for what is neither; `UnsupportedImage` for the retired schema 1.
 */
export function parseManifest(bytes: Uint8Array, contentType: string, what: string): Manifest {
  const json = parseJson(bytes, what, contentType);
  const declared = mediaTypeOf(json) ?? contentType.split(';')[0]?.trim() ?? '';
  if (hasKey(json, 'fsLayers') || declared.includes('manifest.v1+')) {
    if (!hasKey(json, 'config')) throw retiredSchema(what);
  }
  if (isOneOf(indexTypes, declared) || (hasKey(json, 'manifests') && !hasKey(json, 'layers'))) {
    return {
      ...check(indexSchema, json, what),
      kind: 'index',
      mediaType: known(indexTypes, declared),
    };
  }
  const { config, layers, artifactType, annotations } = check(manifestSchema, json, what);
  const mediaType = known(manifestTypes, declared);
  return { kind: 'manifest', mediaType, config, layers, artifactType, annotations };
}

function retiredSchema(what: string): OciError {
  return new OciError(
    'UnsupportedImage',
    `read ${what}: manifest schema 1 is retired; push the image again with a current tool`,
  );
}

function check<T>(schema: v.GenericSchema<unknown, T>, json: unknown, what: string): T {
  const result = v.safeParse(schema, json);
  if (result.success) return result.output;
  const [issue] = result.issues;
  const field = v.getDotPath(issue) ?? 'the whole';
  throw new OciError('InvalidResponse', `read ${what}: not a manifest: ${field}: ${issue.message}`);
}

function mediaTypeOf(json: unknown): string | undefined {
  const { mediaType } = Object(json) as { mediaType?: unknown };
  return typeof mediaType === 'string' ? mediaType : undefined;
}

function hasKey(json: unknown, key: string): boolean {
  return typeof json === 'object' && json !== null && Object.hasOwn(json, key);
}

function isOneOf(types: readonly string[], type: string): boolean {
  return types.includes(type);
}

function known(types: readonly [string, ...string[]], declared: string): string {
  return types.includes(declared) ? declared : types[0];
}

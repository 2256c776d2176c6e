import * as v from 'valibot';
import { type Digest, isDigest } from './digest.ts';

/** A platform that a manifest is for. */
export interface Platform {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string | undefined;
}

/**
 * Some content: its type, address and size in bytes.
 * https://github.com/opencontainers/image-spec/blob/main/descriptor.md
 */
export interface Descriptor {
  readonly mediaType: string;
  readonly digest: Digest;
  readonly size: number;
  readonly platform?: Platform | undefined;
  readonly annotations?: Readonly<Record<string, string>> | undefined;
}

export const digestSchema = v.pipe(
  v.string(),
  v.check(isDigest, 'not a sha256 or sha512 digest'),
  v.transform((text) => text as Digest),
);

const platformSchema = v.object({
  os: v.optional(v.string(), ''),
  architecture: v.optional(v.string(), ''),
  variant: v.optional(v.string()),
});

/** What RFC 6838 allows, 127 characters on each side of the slash, and room for parameters. */
const maxMediaTypeLength = 512;

export const descriptorSchema = v.object({
  mediaType: v.pipe(v.string(), v.nonEmpty(), v.maxLength(maxMediaTypeLength)),
  digest: digestSchema,
  size: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
  platform: v.optional(platformSchema),
  annotations: v.optional(v.nullable(v.record(v.string(), v.string()), {}), {}),
});

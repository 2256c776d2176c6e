import * as v from 'valibot';
import { type Descriptor, descriptorSchema, digestSchema } from '../content/descriptor.ts';
import type { Digest } from '../content/digest.ts';
import type { ImageConfig } from '../content/image-config.ts';
import { OciError } from '../errors.ts';
import type { BlobInfo } from './blob-store.ts';

/** What the store knows of one image under one name. */
export interface ImageRecord {
  /** The reference in full, or the `file:` URL of a local module. */
  readonly name: string;
  /** What the name leads to: a manifest, an index, or a local module's file. */
  readonly digest: Digest;
  /** The manifest that was chosen; a local module has none. */
  readonly manifest?: Digest | undefined;
  /** How the image holds its content; `layers` are the layers that hold it. */
  readonly shape: 'module' | 'filesystem';
  readonly layers: readonly Descriptor[];
  /** The module, once somebody wanted it. */
  readonly module?: BlobInfo | undefined;
  /** What was made of the module when it was pulled, or the module where nothing was. */
  readonly prepared?: PreparedBlob | undefined;
  readonly config: ImageConfig;
  /** Everything that is kept for the image: manifests, config, layers, module, what was made of it. */
  readonly blobs: readonly BlobInfo[];
  /** Milliseconds since the epoch. */
  readonly pulledAt: number;
  readonly lastUsedAt: number;
  readonly access: ImageAccess;
  /** Tells whether a local module's file is still the one that was stored. */
  readonly source?: FileIdentity | undefined;
}

/** What a `ModulePreparer` has made. */
export interface PreparedBlob extends BlobInfo {
  /** The preparer's. */
  readonly version: string;
  /** What it says of the module, for people. */
  readonly about: Readonly<Record<string, string>>;
}

/** Who has shown to the registry that they may have the image. */
export interface ImageAccess {
  /** Anybody: it was pulled without credentials. */
  readonly public: boolean;
  /** Hashes of credentials, made with the store's key. */
  readonly credentials: readonly string[];
}

export interface FileIdentity {
  readonly size: number;
  readonly mtimeMs: number;
  readonly inode: number;
}

const blobInfo = v.object({ digest: digestSchema, size: v.number() });

const imageRecordSchema: v.GenericSchema<unknown, ImageRecord> = v.object({
  name: v.string(),
  digest: digestSchema,
  manifest: v.optional(digestSchema),
  shape: v.picklist(['module', 'filesystem']),
  layers: v.array(descriptorSchema),
  module: v.optional(blobInfo),
  prepared: v.optional(
    v.object({
      ...blobInfo.entries,
      version: v.string(),
      about: v.record(v.string(), v.string()),
    }),
  ),
  config: v.object({
    entrypoint: v.array(v.string()),
    cmd: v.array(v.string()),
    env: v.array(v.object({ name: v.string(), value: v.string() })),
    workingDir: v.exactOptional(v.string()),
    user: v.exactOptional(v.string()),
  }),
  blobs: v.array(blobInfo),
  pulledAt: v.number(),
  lastUsedAt: v.number(),
  access: v.object({ public: v.boolean(), credentials: v.array(v.string()) }),
  source: v.optional(v.object({ size: v.number(), mtimeMs: v.number(), inode: v.number() })),
});

/** Passwords that change twice a day are remembered for over a year. */
const maxCredentials = 1000;

/** What is known of both, the newer credentials last. */
export function mergeAccess(older: ImageAccess, newer: ImageAccess): ImageAccess {
  const credentials = [...new Set([...older.credentials, ...newer.credentials])];
  return {
    public: older.public || newer.public,
    credentials: credentials.slice(-maxCredentials),
  };
}

/** Characters of one record as JSON: several times what an image with 512 layers needs. */
const maxRecordLength = 1024 * 1024;

/**
 * The record as it is written.
 *
 * @throws OciError `TooLarge`
 */
export function encodeRecord(image: ImageRecord): string {
  const text = JSON.stringify(image);
  if (text.length <= maxRecordLength) return text;
  throw new OciError(
    'TooLarge',
    `record ${image.name}: what is kept of it has ${text.length} characters, ${maxRecordLength} are allowed`,
  );
}

/** What was written; `undefined` where it cannot be understood, or is more than is kept now. */
export function decodeRecord(json: unknown): ImageRecord | undefined {
  if (JSON.stringify(json).length > maxRecordLength) return undefined;
  const parsed = v.safeParse(imageRecordSchema, json);
  return parsed.success ? parsed.output : undefined;
}

/** Bytes that the image takes in the store, with what it shares with other images. */
export function sizeOf({ blobs }: Pick<ImageRecord, 'blobs'>): number {
  return blobs.reduce((sum, { size }) => sum + size, 0);
}

import * as v from 'valibot';
import { descriptorSchema, digestSchema } from '../content/descriptor.ts';

const blobInfo = v.object({ digest: digestSchema, size: v.number() });

export const imageRecordSchema = v.object({
  /** The reference in full, or the `file:` URL of a local module. */
  name: v.string(),
  /** What the name leads to: a manifest, an index, or a local module's file. */
  digest: digestSchema,
  /** How the image holds its content; `layers` are the layers that hold it. */
  shape: v.picklist(['module', 'filesystem']),
  layers: v.array(descriptorSchema),
  /** The module, once somebody wanted it. */
  module: v.optional(blobInfo),
  config: v.object({
    entrypoint: v.array(v.string()),
    cmd: v.array(v.string()),
    env: v.array(v.object({ name: v.string(), value: v.string() })),
    workingDir: v.exactOptional(v.string()),
    user: v.exactOptional(v.string()),
  }),
  /** Everything that is kept for the image: manifests, config, layers, module. */
  blobs: v.array(blobInfo),
  /** Milliseconds since the epoch. */
  pulledAt: v.number(),
  lastUsedAt: v.number(),
  /** Who has shown to the registry that they may have the image. */
  access: v.object({
    /** Anybody: it was pulled without credentials. */
    public: v.boolean(),
    /** Hashes of credentials, made with the store's key. */
    credentials: v.array(v.string()),
  }),
  /** Tells whether a local module's file is still the one that was stored. */
  source: v.optional(v.object({ size: v.number(), mtimeMs: v.number(), inode: v.number() })),
});

/** What the store knows of one image under one name. */
export type ImageRecord = Readonly<v.InferOutput<typeof imageRecordSchema>>;

/** Bytes that the image takes in the store, with what it shares with other images. */
export function sizeOf({ blobs }: Pick<ImageRecord, 'blobs'>): number {
  return blobs.reduce((sum, { size }) => sum + size, 0);
}

import { createReadStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import type { AbortOptions } from '../abort-options.ts';
import { describeError, OciError } from '../errors.ts';
import type { BlobInfo } from '../store/blob-store.ts';
import type { ImageRecord, PreparedBlob } from '../store/image-record.ts';
import type { ImageStore } from '../store/image-store.ts';
import type { ModulePreparer } from '../store/module-preparer.ts';

/**
 * Makes sure that what is made of an image's module is in the store: a blob of the image like its
 * others, which is counted and removed with it, or the module itself.
 *
 * @throws OciError `InvalidModule` where the module cannot be prepared
 */
export async function addPrepared(
  store: ImageStore,
  record: ImageRecord,
  options: AbortOptions = {},
): Promise<ImageRecord> {
  const { preparer } = store;
  const { module } = record;
  if (preparer === undefined || record.prepared?.version === preparer.version) return record;
  if (module === undefined) return record;
  const prepared = await prepare(store, preparer, { module, name: record.name }, options);
  const { digest, size } = prepared;
  const stale = new Set([digest, record.prepared?.digest]);
  stale.delete(module.digest);
  const others = record.blobs.filter((blob) => !stale.has(blob.digest));
  const blobs = digest === module.digest ? others : [...others, { digest, size }];
  const recorded = await store.record({ ...record, blobs, prepared }, options);
  if (recorded !== undefined) return recorded;
  throw new OciError('NotFound', `use ${record.name}: it was removed meanwhile`);
}

async function prepare(
  store: ImageStore,
  preparer: ModulePreparer,
  { module, name }: { readonly module: BlobInfo; readonly name: string },
  options: AbortOptions,
): Promise<PreparedBlob> {
  const target = store.temporaryFile();
  try {
    const { about, original } = await preparer.prepare(
      store.blobs.path(module.digest),
      target,
      options,
    );
    if (original) return { ...module, version: preparer.version, about };
    const blob = await store.blobs.add(
      createReadStream(target, options),
      `what ${name} starts from`,
    );
    return { ...blob, version: preparer.version, about };
  } catch (cause) {
    options.signal?.throwIfAborted();
    if (cause instanceof OciError) throw cause;
    throw new OciError('InvalidModule', `validate ${name}: ${describeError(cause)}`, { cause });
  } finally {
    await rm(target, { force: true });
  }
}

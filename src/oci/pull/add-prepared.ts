import type { AbortOptions } from '../abort-options.ts';
import { describeError, OciError } from '../errors.ts';
import type { BlobInfo } from '../store/blob-store.ts';
import type { ImageRecord, PreparedBlob } from '../store/image-record.ts';
import type { ImageStore } from '../store/image-store.ts';
import type { Preparations } from '../store/preparations.ts';

/**
 * Makes sure that an image's module is valid, and that what is made of it is in the store: a blob of
 * the image like its others, which is counted and removed with it, or the module itself.
 *
 * @throws OciError `InvalidModule` where the module cannot be run
 */
export async function addPrepared(
  store: ImageStore,
  record: ImageRecord,
  options: AbortOptions = {},
): Promise<ImageRecord> {
  const { preparations } = store;
  const { module, name } = record;
  if (preparations === undefined || preparations.isCurrent(record.prepared)) return record;
  if (module === undefined) return record;
  const prepared = await prepare(preparations, { module, name }, options);
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
  preparations: Preparations,
  { module, name }: { readonly module: BlobInfo; readonly name: string },
  options: AbortOptions,
): Promise<PreparedBlob> {
  try {
    return await preparations.prepare(module, options);
  } catch (cause) {
    options.signal?.throwIfAborted();
    if (cause instanceof OciError) throw cause;
    throw new OciError('InvalidModule', `validate ${name}: ${describeError(cause)}`, { cause });
  }
}

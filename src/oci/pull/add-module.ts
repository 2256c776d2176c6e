import type { AbortOptions } from '../abort-options.ts';
import { checkModule } from '../artifact/check-module.ts';
import { OciError } from '../errors.ts';
import { findProgram } from '../layers/find-program.ts';
import type { LayerLimits } from '../layers/layer-budget.ts';
import { LayerStack } from '../layers/layer-stack.ts';
import type { BlobInfo } from '../store/blob-store.ts';
import type { ImageRecord } from '../store/image-record.ts';
import type { ImageStore } from '../store/image-store.ts';
import { addPrepared } from './add-prepared.ts';
import type { ProgressListener } from './pull-progress.ts';

interface AddModuleOptions extends AbortOptions {
  readonly progress?: ProgressListener;
}

/**
 * Makes sure that an image's module is in the store, valid and prepared. The module of an image with a file
 * system is taken out of it, once.
 *
 * @throws OciError `InvalidModule` or `UnsupportedImage`
 */
export async function addModule(
  store: ImageStore,
  record: ImageRecord,
  limits: LayerLimits,
  options: AddModuleOptions = {},
): Promise<ImageRecord> {
  const complete = record.module === undefined ? await add(store, record, limits, options) : record;
  options.progress?.({ kind: 'validating' });
  return await addPrepared(store, complete, options);
}

async function add(
  store: ImageStore,
  record: ImageRecord,
  limits: LayerLimits,
  options: AddModuleOptions,
): Promise<ImageRecord> {
  const { digest, size } =
    record.shape === 'module'
      ? await checkLayer(store, record)
      : await store.unpacking.run(() => extractModule(store, record, limits, options), options);
  const others = record.blobs.filter((blob) => blob.digest !== digest);
  const complete = { ...record, module: { digest, size }, blobs: [...others, { digest, size }] };
  const recorded = await store.record(complete, options);
  if (recorded !== undefined) return recorded;
  throw new OciError('NotFound', `use ${record.name}: it was removed meanwhile`);
}

async function checkLayer(store: ImageStore, { layers, name }: ImageRecord): Promise<BlobInfo> {
  const [layer] = layers;
  if (layer === undefined) throw new TypeError(`image '${name}' has no layer`);
  await checkModule(store.blobs.path(layer.digest), `the module of ${name}`);
  return layer;
}

async function extractModule(
  store: ImageStore,
  { layers, name, config }: ImageRecord,
  limits: LayerLimits,
  options: AddModuleOptions,
): Promise<BlobInfo> {
  options.progress?.({ kind: 'unpacking' });
  const files = layers.map(({ digest }) => store.blobs.path(digest));
  const stack = await LayerStack.read(files, limits, options);
  const { path, node } = findProgram(stack.tree, config, name);
  const what = `'${path}' of ${name}`;
  const check = (file: string) => checkModule(file, what);
  return await store.blobs.add(stack.content(node, options), what, check);
}

import { describeWasm, type WasmDescription } from '../wasm/describe-wasm.ts';
import type { ImageRecord } from './image-record.ts';
import type { ImageStore } from './image-store.ts';

/** All that can be said of an image without running it. */
export interface ImageInspection {
  readonly record: ImageRecord;
  /** As the registry has it; absent for local modules. */
  readonly manifest?: unknown;
  /** Absolute path of the module, and what it imports and exports, once it is known. */
  readonly module?: WasmDescription & { readonly path: string };
}

/** Collects what the store has about an image. */
export async function inspectImage(
  store: ImageStore,
  record: ImageRecord,
): Promise<ImageInspection> {
  const { manifest, module } = record;
  const path = module && store.blobs.path(module.digest);
  return {
    record,
    ...(manifest && { manifest: JSON.parse(await text(store, manifest)) as unknown }),
    ...(path && { module: { path, ...(await describeWasm(path)) } }),
  };
}

async function text(store: ImageStore, digest: ImageRecord['digest']): Promise<string> {
  return new TextDecoder().decode(await store.blobs.read(digest));
}

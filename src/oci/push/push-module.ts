import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { AbortOptions } from '../abort-options.ts';
import { type Digest, finishDigest } from '../content/digest.ts';
import type { Reference } from '../reference/reference.ts';
import type { RegistryClient } from '../registry/registry-client.ts';
import type { BlobInfo } from '../store/blob-store.ts';
import { describeWasm, type WasmDescription } from '../wasm/describe-wasm.ts';
import { checkPushable, type PushImageOptions, pushImage } from './push-image.ts';
import { bytesSource, fileSource } from './upload-blob.ts';
import { type WasmArtifactInit, wasmArtifact } from './wasm-artifact.ts';

export interface PushOptions extends PushImageOptions, WasmArtifactInit {}

export interface PushedImage {
  readonly reference: Reference;
  /** Of the manifest: what to deploy where the tag may move. */
  readonly digest: Digest;
  readonly size: number;
  readonly description: WasmDescription;
}

/**
 * Pushes a module as an artifact. What it says of the module is read from the module itself.
 *
 * @throws OciError `InvalidModule` for a file that is none, `InvalidReference` for a reference by
 * digest, `Unauthorized`, `RegistryUnavailable`
 */
export async function pushModule(
  client: RegistryClient,
  file: string,
  reference: Reference,
  options: PushOptions = {},
): Promise<PushedImage> {
  checkPushable(reference);
  const description = await describeWasm(file);
  const module = await identify(file, options);
  const { config, manifest, mediaType } = wasmArtifact(module, description, options);
  const blobs = [fileSource(file, module), bytesSource(config)];
  const digest = await pushImage(client, { mediaType, manifest, blobs }, reference, options);
  return { reference, digest, size: module.size, description };
}

async function identify(file: string, { signal }: AbortOptions): Promise<BlobInfo> {
  const hash = createHash('sha256');
  const { size } = await stat(file);
  const options = signal === undefined ? {} : { signal };
  for await (const chunk of createReadStream(file, options)) hash.update(chunk);
  return { digest: finishDigest(hash), size };
}

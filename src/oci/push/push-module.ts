import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { AbortOptions } from '../abort-options.ts';
import { type Digest, digestOf, finishDigest } from '../content/digest.ts';
import { anonymous, type Credential, type CredentialSource } from '../credentials/credential.ts';
import { isOciError, OciError } from '../errors.ts';
import { formatReference, manifestName, type Reference } from '../reference/reference.ts';
import type { RegistryClient } from '../registry/registry-client.ts';
import { registryError } from '../registry/registry-error.ts';
import type { Repository } from '../registry/repository.ts';
import type { BlobInfo } from '../store/blob-store.ts';
import { describeWasm, type WasmDescription } from '../wasm/describe-wasm.ts';
import { type UploadInit, type UploadSource, uploadBlob } from './upload-blob.ts';
import { type WasmArtifact, type WasmArtifactInit, wasmArtifact } from './wasm-artifact.ts';

/** What a push is doing. */
export type PushProgress =
  | {
      readonly kind: 'blob';
      readonly digest: Digest;
      readonly sentBytes: number;
      readonly totalBytes: number;
    }
  | { readonly kind: 'exists'; readonly digest: Digest }
  | { readonly kind: 'done'; readonly digest: Digest };

export interface PushOptions extends AbortOptions, WasmArtifactInit, UploadInit {
  /** @default anonymous */
  readonly credentials?: CredentialSource;
  readonly progress?: (event: PushProgress) => void;
}

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
  const name = formatReference(reference);
  if (reference.digest !== undefined) {
    throw new OciError('InvalidReference', `push to ${name}: name a tag, the digest follows`);
  }
  const description = await describeWasm(file);
  const module = await identify(file, options);
  const artifact = wasmArtifact(module, description, options);
  return await withCredentials(client, reference, options, async (repository) => {
    await uploadAll(repository, file, module, artifact, options);
    const digest = await putManifest(repository, manifestName(reference), artifact, options);
    options.progress?.({ kind: 'done', digest });
    return { reference, digest, size: module.size, description };
  });
}

/** Tries each credential in turn until one is taken. */
async function withCredentials<T>(
  client: RegistryClient,
  { registry, repository }: Reference,
  { credentials = anonymous, signal }: PushOptions,
  operation: (repository: Repository) => Promise<T>,
): Promise<T> {
  const options = signal === undefined ? {} : { signal };
  const endpoint = client.registries.originOf(registry);
  const found = await credentials.find({ registry, repository }, options);
  const tried: readonly (Credential | undefined)[] = found.length === 0 ? [undefined] : found;
  let refusal: unknown;
  for (const credential of tried) {
    const request = { endpoint, repository, credential, registry, actions: 'pull,push' } as const;
    try {
      return await operation(await client.repository(request, options));
    } catch (error) {
      if (!isOciError(error, 'Unauthorized')) throw error;
      refusal = error;
    }
  }
  throw refusal;
}

async function uploadAll(
  repository: Repository,
  file: string,
  module: BlobInfo,
  { config }: WasmArtifact,
  options: PushOptions,
): Promise<void> {
  const sources: readonly UploadSource[] = [
    { ...module, open: (start, end) => createReadStream(file, { start, end: end - 1 }) },
    {
      digest: digestOf(config),
      size: config.length,
      open: (start, end) => config.subarray(start, end),
    },
  ];
  for (const source of sources) {
    const { digest, size } = source;
    const progress = (sentBytes: number) =>
      options.progress?.({ kind: 'blob', digest, sentBytes, totalBytes: size });
    const wasSent = await uploadBlob(repository, source, options, { ...options, progress });
    if (!wasSent) options.progress?.({ kind: 'exists', digest });
  }
}

async function putManifest(
  repository: Repository,
  name: string,
  { manifest, mediaType }: WasmArtifact,
  options: AbortOptions,
): Promise<Digest> {
  const url = repository.url(`manifests/${name}`);
  const headers = { 'content-type': mediaType };
  const body = () => manifest;
  await using response = await repository.send({ method: 'PUT', url, headers, body }, options);
  if (response.status === 201) return digestOf(manifest);
  throw await registryError(response, `push manifest '${name}' to ${repository.host}`);
}

async function identify(file: string, { signal }: AbortOptions): Promise<BlobInfo> {
  const hash = createHash('sha256');
  const { size } = await stat(file);
  const options = signal === undefined ? {} : { signal };
  for await (const chunk of createReadStream(file, options)) hash.update(chunk);
  return { digest: finishDigest(hash), size };
}

import type { AbortOptions } from '../abort-options.ts';
import { type Digest, digestOf } from '../content/digest.ts';
import { anonymous, type Credential, type CredentialSource } from '../credentials/credential.ts';
import { isOciError, OciError } from '../errors.ts';
import { formatReference, manifestName, type Reference } from '../reference/reference.ts';
import type { RegistryClient } from '../registry/registry-client.ts';
import { registryError } from '../registry/registry-error.ts';
import type { Repository } from '../registry/repository.ts';
import { type UploadInit, type UploadSource, uploadBlob } from './upload-blob.ts';

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

export interface PushImageOptions extends AbortOptions, UploadInit {
  /** @default anonymous */
  readonly credentials?: CredentialSource;
  readonly progress?: (event: PushProgress) => void;
}

/** An image, or any other artifact: a manifest, and all that it refers to. */
export interface PushableImage {
  readonly mediaType: string;
  readonly manifest: Uint8Array;
  readonly blobs: readonly UploadSource[];
}

/**
 * Pushes an image.
 *
 * @returns the digest of its manifest
 * @throws OciError `InvalidReference` for a reference by digest, `Unauthorized`, `RegistryUnavailable`
 */
export async function pushImage(
  client: RegistryClient,
  image: PushableImage,
  reference: Reference,
  options: PushImageOptions = {},
): Promise<Digest> {
  checkPushable(reference);
  return await withCredentials(client, reference, options, async (repository) => {
    for (const blob of image.blobs) await upload(repository, blob, options);
    const digest = await putManifest(repository, manifestName(reference), image, options);
    options.progress?.({ kind: 'done', digest });
    return digest;
  });
}

/** @throws OciError `InvalidReference` for a reference that nothing can be pushed to */
export function checkPushable(reference: Reference): void {
  if (reference.digest === undefined) return;
  const name = formatReference(reference);
  throw new OciError('InvalidReference', `push to ${name}: name a tag, the digest follows`);
}

/** Tries each credential in turn until one is taken. */
async function withCredentials<T>(
  client: RegistryClient,
  { registry, repository }: Reference,
  { credentials = anonymous, signal }: PushImageOptions,
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

async function upload(
  repository: Repository,
  source: UploadSource,
  options: PushImageOptions,
): Promise<void> {
  const { digest, size } = source;
  const progress = (sentBytes: number) =>
    options.progress?.({ kind: 'blob', digest, sentBytes, totalBytes: size });
  const wasSent = await uploadBlob(repository, source, options, { ...options, progress });
  if (!wasSent) options.progress?.({ kind: 'exists', digest });
}

async function putManifest(
  repository: Repository,
  name: string,
  { manifest, mediaType }: PushableImage,
  options: AbortOptions,
): Promise<Digest> {
  const url = repository.url(`manifests/${name}`);
  const headers = { 'content-type': mediaType };
  const body = () => manifest;
  await using response = await repository.send({ method: 'PUT', url, headers, body }, options);
  if (response.status === 201) return digestOf(manifest);
  throw await registryError(response, `push manifest '${name}' to ${repository.host}`);
}

import type { AbortOptions } from '../abort-options.ts';
import { classifyImage } from '../artifact/classify-image.ts';
import { type Content, choosePlatform } from '../content/choose-platform.ts';
import type { Descriptor, Platform } from '../content/descriptor.ts';
import type { Digest } from '../content/digest.ts';
import { emptyImageConfig, type ImageConfig, parseImageConfig } from '../content/image-config.ts';
import { type ImageManifest, parseManifest } from '../content/manifest.ts';
import { wasmConfigType } from '../content/media-types.ts';
import { OciError } from '../errors.ts';
import { formatReference, manifestName, type Reference } from '../reference/reference.ts';
import { Semaphore } from '../semaphore.ts';
import type { BlobInfo } from '../store/blob-store.ts';
import type { DownloadTurns } from '../store/download-turns.ts';
import type { ImageRecord } from '../store/image-record.ts';
import type { ImageStore } from '../store/image-store.ts';
import type { BlobsOfPull } from '../store/pulled-blobs.ts';
import { BlobSharing } from './blob-sharing.ts';
import type { ProgressListener } from './pull-progress.ts';
import type { PullSession } from './pull-session.ts';

export interface FetchComponents {
  readonly store: ImageStore;
  readonly session: PullSession;
  /** What is stored for the pull. */
  readonly stored: BlobsOfPull;
  /** By which the downloads of all pulls together are limited. */
  readonly turns: DownloadTurns;
}

export interface FetchRequest {
  readonly reference: Reference;
  readonly content: Content;
  /** The platform to take where there is none for Wasm. */
  readonly host: Platform;
  /** Whether content that is here already goes only to those who may have it. */
  readonly verifyAccess: boolean;
}

export interface FetchOptions extends AbortOptions {
  readonly progress?: ProgressListener;
}

/** What a registry has under a reference, once all of it is in the store. */
export type FetchedImage = Pick<
  ImageRecord,
  'digest' | 'manifest' | 'shape' | 'layers' | 'config' | 'blobs'
>;

/** As many as with other engines; an image has no more of the turns than that. */
const maxDownloadsOfImage = 3;
const maxConfigBytes = 4 * 1024 * 1024;
const runConfigTypes = [
  'application/vnd.oci.image.config.v1+json',
  'application/vnd.docker.container.image.v1+json',
];

/** Downloads an image into the store: manifests first, then config and layers side by side. */
export async function fetchImage(
  components: FetchComponents,
  request: FetchRequest,
  options: FetchOptions = {},
): Promise<FetchedImage> {
  const { store } = components;
  const found = await fetchManifests(components, request, options);
  const what = formatReference(request.reference);
  const { manifest, manifestDigest } = found;
  const shape = classifyImage(manifest, what);
  const layers = shape.kind === 'module' ? [shape.layer] : shape.layers;
  const wanted = uniqueBlobs([...configBlobs(manifest, what), ...layers]);
  for (const { digest } of wanted) components.stored.add(digest);
  await fetchBlobs(components, request, found.digest, wanted, options);
  return {
    digest: found.digest,
    manifest: manifestDigest,
    shape: shape.kind,
    // Without annotations, which nobody reads: the index is kept in memory.
    layers: layers.map(({ mediaType, digest, size }) => ({ mediaType, digest, size })),
    config: await readConfig(store, manifest.config, what),
    blobs: [...found.stored, ...wanted.map(({ digest, size }) => ({ digest, size }))],
  };
}

interface FoundManifest {
  readonly digest: Digest;
  readonly manifestDigest: Digest;
  readonly manifest: ImageManifest;
  readonly stored: readonly BlobInfo[];
}

/** Gets the manifest that the reference leads to, through an index where there is one. */
async function fetchManifests(
  { store, session, stored }: FetchComponents,
  { reference, content, host }: FetchRequest,
  options: AbortOptions,
): Promise<FoundManifest> {
  const what = formatReference(reference);
  const get = async (name: string) => {
    const fetched = await session.ask((repository) => repository.manifest(name, options), options);
    const parsed = parseManifest(fetched.bytes, fetched.contentType, what);
    stored.add(fetched.digest);
    return {
      digest: fetched.digest,
      parsed,
      info: await store.blobs.put(fetched.bytes, fetched.digest),
    };
  };
  const top = await get(manifestName(reference));
  if (top.parsed.kind === 'manifest') {
    const { digest, parsed, info } = top;
    return { digest, manifestDigest: digest, manifest: parsed, stored: [info] };
  }
  const chosen = choosePlatform(top.parsed, { content, host, what });
  const image = await get(chosen.digest);
  if (image.parsed.kind === 'manifest') {
    const { digest, parsed, info } = image;
    return {
      digest: top.digest,
      manifestDigest: digest,
      manifest: parsed,
      stored: [top.info, info],
    };
  }
  throw new OciError('UnsupportedImage', `read ${what}: an index within an index is not supported`);
}

/** Configs that say something; others are placeholders, which some registries do not even keep. */
function configBlobs({ config }: ImageManifest, what: string): Descriptor[] {
  if (config.mediaType !== wasmConfigType && !runConfigTypes.includes(config.mediaType)) return [];
  if (config.size <= maxConfigBytes) return [config];
  throw new OciError('TooLarge', `read ${what}: its config has ${config.size} bytes`);
}

async function readConfig(
  store: ImageStore,
  { mediaType, digest }: Descriptor,
  what: string,
): Promise<ImageConfig> {
  if (!runConfigTypes.includes(mediaType)) return emptyImageConfig;
  return parseImageConfig(await store.blobs.read(digest), `the config of ${what}`);
}

/** The first failure ends the other downloads, and is what the caller sees. */
async function fetchBlobs(
  { store, session, turns }: FetchComponents,
  { reference: { registry }, verifyAccess }: FetchRequest,
  digest: Digest,
  blobs: readonly Descriptor[],
  { signal, progress }: FetchOptions,
): Promise<void> {
  const totalBytes = blobs.reduce((sum, { size }) => sum + size, 0);
  progress?.({ kind: 'resolved', digest, blobs: blobs.length, totalBytes });
  const failed = new AbortController();
  const shared = signal ? AbortSignal.any([signal, failed.signal]) : failed.signal;
  const sharing = new BlobSharing(store, session, registry);
  const owner = await store.access.ownerOf(registry, session.credential);
  const fetchOne = async (blob: Descriptor) => {
    const report = (receivedBytes: number) =>
      progress?.({ kind: 'blob', digest: blob.digest, receivedBytes, totalBytes: blob.size });
    await session.fetchBlob(store.blobs, blob, {
      signal: shared,
      progress: report,
      turns,
      owner,
      ...(verifyAccess && { mayTake: (later) => sharing.mayTake(blob, later) }),
    });
    report(blob.size);
  };
  const own = new Semaphore(maxDownloadsOfImage);
  const all = blobs.map((blob) => own.run(() => fetchOne(blob), { signal: shared }));
  try {
    await Promise.all(all);
  } catch (error) {
    failed.abort(error);
    await Promise.allSettled(all);
    throw error;
  }
}

function uniqueBlobs(blobs: readonly Descriptor[]): Descriptor[] {
  return [...new Map(blobs.map((blob) => [blob.digest, blob])).values()];
}

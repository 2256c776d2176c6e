import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import type { AbortOptions } from '../abort-options.ts';
import { digestOf } from '../content/digest.ts';
import { OciError } from '../errors.ts';
import type { HttpResponse } from '../http/response.ts';
import { registryError } from '../registry/registry-error.ts';
import { type Repository, shorten } from '../registry/repository.ts';
import type { BlobInfo } from '../store/blob-store.ts';

/** Content to upload, which may have to be read several times. */
export interface UploadSource extends BlobInfo {
  /** Opens the bytes from `start` up to, but not including, `end`. */
  readonly open: (start: number, end: number) => Uint8Array | Readable;
}

/** Content that lies in memory. */
export function bytesSource(bytes: Uint8Array): UploadSource {
  return {
    digest: digestOf(bytes),
    size: bytes.length,
    open: (start, end) => bytes.subarray(start, end),
  };
}

/** Content that is a file, of which digest and size are known. */
export function fileSource(file: string, { digest, size }: BlobInfo): UploadSource {
  return { digest, size, open: (start, end) => createReadStream(file, { start, end: end - 1 }) };
}

export interface UploadOptions extends AbortOptions {
  readonly progress?: (sent: number) => void;
}

export interface UploadInit {
  /** Blobs above this many bytes are sent in chunks of as many. @default 64 MiB */
  readonly chunkBytes?: number;
  /** Another repository at the same registry that may have the blob already. */
  readonly mountFrom?: string;
}

const defaultChunkBytes = 64 * 1024 * 1024;

/**
 * Uploads a blob, unless the repository has it already.
 * https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pushing-blobs
 *
 * @returns Whether anything was sent.
 */
export async function uploadBlob(
  repository: Repository,
  source: UploadSource,
  init: UploadInit = {},
  options: UploadOptions = {},
): Promise<boolean> {
  if (await hasBlob(repository, source, options)) return false;
  const action = `upload blob ${shorten(source.digest)} to ${repository.host}`;
  const start = await startUpload(repository, source, init.mountFrom, action, options);
  if (start === 'mounted') return false;
  const chunkBytes = init.chunkBytes ?? defaultChunkBytes;
  if (source.size <= chunkBytes) await sendWhole(repository, start, source, action, options);
  else await sendChunks(repository, start, source, { chunkBytes, action }, options);
  options.progress?.(source.size);
  return true;
}

async function hasBlob(
  repository: Repository,
  { digest }: BlobInfo,
  options: AbortOptions,
): Promise<boolean> {
  const request = { method: 'HEAD', url: repository.url(`blobs/${digest}`) } as const;
  await using response = await repository.send(request, options);
  if (response.status === 200) return true;
  if (response.status === 404) return false;
  throw await registryError(response, `look for blob ${shorten(digest)} at ${repository.host}`);
}

/** Opens an upload and says where to send it to; a mounted blob needs none. */
async function startUpload(
  repository: Repository,
  { digest }: BlobInfo,
  mountFrom: string | undefined,
  action: string,
  options: AbortOptions,
): Promise<URL | 'mounted'> {
  const url = repository.url('blobs/uploads/');
  if (mountFrom !== undefined) {
    url.searchParams.set('mount', digest);
    url.searchParams.set('from', mountFrom);
  }
  const headers = { 'content-length': '0' };
  await using response = await repository.send({ method: 'POST', url, headers }, options);
  if (response.status === 201 && mountFrom !== undefined) return 'mounted';
  if (response.status !== 202) throw await registryError(response, action);
  return locationOf(response, action);
}

async function sendWhole(
  repository: Repository,
  location: URL,
  { digest, size, open }: UploadSource,
  action: string,
  options: AbortOptions,
): Promise<void> {
  const headers = { 'content-type': 'application/octet-stream', 'content-length': `${size}` };
  const request = {
    method: 'PUT',
    url: withDigest(location, digest),
    headers,
    body: () => open(0, size),
  } as const;
  await using response = await repository.send(request, options);
  if (response.status !== 201) throw await registryError(response, action);
}

async function sendChunks(
  repository: Repository,
  first: URL,
  { digest, size, open }: UploadSource,
  { chunkBytes, action }: { chunkBytes: number; action: string },
  { progress, ...options }: UploadOptions,
): Promise<void> {
  let location = first;
  for (let start = 0; start < size; start += chunkBytes) {
    const end = Math.min(start + chunkBytes, size);
    const headers = {
      'content-type': 'application/octet-stream',
      'content-length': `${end - start}`,
      'content-range': `${start}-${end - 1}`,
    };
    const body = () => open(start, end);
    // A chunk that was half received cannot be sent again from its start.
    const once = { ...options, attempts: 1 };
    await using response = await repository.send(
      { method: 'PATCH', url: location, headers, body },
      once,
    );
    if (response.status !== 202) throw await registryError(response, action);
    location = locationOf(response, action);
    progress?.(end);
  }
  const url = withDigest(location, digest);
  const headers = { 'content-length': '0' };
  await using response = await repository.send({ method: 'PUT', url, headers }, options);
  if (response.status !== 201) throw await registryError(response, action);
}

function locationOf(response: HttpResponse, action: string): URL {
  const location = response.header('location');
  if (location !== undefined && URL.canParse(location, response.url)) {
    return new URL(location, response.url);
  }
  throw new OciError('InvalidResponse', `${action}: the registry does not say where to send it`);
}

function withDigest(location: URL, digest: string): URL {
  const url = new URL(location);
  url.searchParams.set('digest', digest);
  return url;
}

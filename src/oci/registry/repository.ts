import type { Readable } from 'node:stream';
import type { AbortOptions } from '../abort-options.ts';
import type { Descriptor } from '../content/descriptor.ts';
import { type Digest, digestOf, digestParts, isDigest, verifyDigest } from '../content/digest.ts';
import { indexTypes, manifestTypes } from '../content/media-types.ts';
import type { Credential } from '../credentials/credential.ts';
import { OciError } from '../errors.ts';
import type { HttpRequest, SendOptions } from '../http/http-client.ts';
import { type HttpResponse, readBody } from '../http/response.ts';
import { retry } from '../http/retry.ts';
import { withDeadline } from '../http/with-deadline.ts';
import type { Authorizer } from './authorizer.ts';
import { registryError } from './registry-error.ts';

/** Largest manifest that is read, as the specification recommends. */
const maxManifestBytes = 4 * 1024 * 1024;

const accept = [...manifestTypes, ...indexTypes].join(', ');

/** A manifest as the registry has it, its digest verified. */
export interface FetchedManifest {
  readonly bytes: Uint8Array;
  readonly digest: Digest;
  readonly contentType: string;
}

export interface RepositoryComponents {
  readonly authorizer: Authorizer;
  /** Base URL of the registry, without a slash at the end. */
  readonly baseUrl: string;
  readonly repository: string;
  /** Absent to ask anonymously. */
  readonly credential: Credential | undefined;
  /** What this registry is a mirror of. */
  readonly mirrorOf?: string;
}

export interface RepositoryInit {
  /** What a token is asked for. @default 'pull' */
  readonly actions?: 'pull' | 'pull,push';
  /** How often a request is tried; less where there is somewhere else to ask. */
  readonly attempts?: number;
  /** Within which a manifest must have come. @default 60_000 */
  readonly manifestDeadlineMs?: number;
}

/**
 * One repository at one registry, as seen with one credential.
 * https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pull
 */
export class Repository {
  readonly host: string;
  readonly #components: RepositoryComponents;
  readonly #init: RepositoryInit;

  constructor(components: RepositoryComponents, init: RepositoryInit = {}) {
    this.host = new URL(components.baseUrl).host;
    this.#components = components;
    this.#init = init;
  }

  /**
   * The digest that a tag has now, or that the registry confirms to have; `undefined` where the
   * registry does not say it without sending the manifest.
   */
  async resolve(name: string, options: AbortOptions = {}): Promise<Digest | undefined> {
    const request = { method: 'HEAD', url: this.#manifestUrl(name), headers: { accept } } as const;
    await using response = await this.send(request, this.#tries(options));
    if (response.status === 405) return undefined;
    if (response.status !== 200) throw await registryError(response, this.#action(name));
    const digest = response.header('docker-content-digest') ?? '';
    return isDigest(digest) ? digest : undefined;
  }

  /** Gets a manifest by tag or digest, and verifies it against every digest that is known. */
  async manifest(name: string, options: AbortOptions = {}): Promise<FetchedManifest> {
    const fetch = (limited: AbortOptions) =>
      retry(() => this.#fetchManifest(name, limited), { attempts: 2 }, limited);
    return await withDeadline(this.#deadlineMs, this.#action(name), fetch, options);
  }

  async #fetchManifest(name: string, options: AbortOptions): Promise<FetchedManifest> {
    const request = { method: 'GET', url: this.#manifestUrl(name), headers: { accept } } as const;
    await using response = await this.send(request, this.#tries(options));
    if (response.status !== 200) throw await registryError(response, this.#action(name));
    const what = `manifest '${name}' from ${this.host}`;
    const bytes = await readBody(response, maxManifestBytes, what);
    const announced = response.header('docker-content-digest') ?? '';
    if (isDigest(announced)) verifyDigest(bytes, announced, what);
    if (isDigest(name)) verifyDigest(bytes, name, what);
    return {
      bytes,
      digest: isDigest(name) ? name : digestOf(bytes),
      contentType: response.header('content-type') ?? '',
    };
  }

  /** Whether the registry says that it has the blob, of the size that is expected, for this credential. */
  async hasBlob({ digest, size }: Descriptor, options: AbortOptions = {}): Promise<boolean> {
    const headers = { 'accept-encoding': 'identity' };
    const request = { method: 'HEAD', url: this.url(`blobs/${digest}`), headers } as const;
    await using response = await this.send(request, this.#tries(options));
    return response.status === 200 && response.header('content-length') === String(size);
  }

  /**
   * Opens a blob from an offset in bytes. The answer may start earlier, at 0, where the registry
   * does not know ranges.
   */
  async blob(
    { digest, size }: Descriptor,
    offset: number,
    options: AbortOptions = {},
  ): Promise<{ readonly offset: number; readonly body: Readable }> {
    const headers = {
      'accept-encoding': 'identity',
      ...(offset > 0 && { range: `bytes=${offset}-${size - 1}` }),
    };
    const url = this.url(`blobs/${digest}`);
    const response = await this.send({ method: 'GET', url, headers }, this.#tries(options));
    if (response.status === 200) return { offset: 0, body: response.body };
    if (response.status === 206) {
      return { offset: rangeStart(response, offset), body: response.body };
    }
    await using failed = response;
    throw await registryError(failed, `get blob ${shorten(digest)} of ${this.#name}`);
  }

  /**
   * Sends a request with this repository's authorization. A registry may name any host to upload
   * to: another one than its own gets none.
   */
  async send(request: HttpRequest, options: SendOptions): Promise<HttpResponse> {
    const { authorizer, credential, repository, baseUrl } = this.#components;
    if (request.url.origin !== new URL(baseUrl).origin) {
      return await authorizer.sendAnonymously({ ...request, registry: this.host }, options);
    }
    const scope = `repository:${repository}:${this.#init.actions ?? 'pull'}`;
    return await authorizer.send(request, { credential, scope }, options);
  }

  /** The URL of something below the repository. */
  url(path: string): URL {
    const { baseUrl, repository, mirrorOf } = this.#components;
    const url = new URL(`${baseUrl}/v2/${repository}/${path}`);
    // Mirrors of several registries tell them apart by this parameter, as containerd sends it.
    if (mirrorOf !== undefined) url.searchParams.set('ns', mirrorOf);
    return url;
  }

  get #deadlineMs(): number {
    return this.#init.manifestDeadlineMs ?? 60_000;
  }

  get #name(): string {
    return `${this.host}/${this.#components.repository}`;
  }

  #manifestUrl(name: string): URL {
    return this.url(`manifests/${name}`);
  }

  #action(name: string): string {
    return `get manifest '${name}' of ${this.#name}`;
  }

  #tries(options: AbortOptions): SendOptions {
    const { attempts } = this.#init;
    return attempts === undefined ? options : { ...options, attempts };
  }
}

function rangeStart(response: HttpResponse, asked: number): number {
  const [, start] = /^bytes (\d+)-/.exec(response.header('content-range') ?? '') ?? [];
  if (start !== undefined && Number(start) <= asked) return Number(start);
  response.body.destroy();
  throw new OciError(
    'InvalidResponse',
    `resume from ${response.url.host}: asked for bytes from ${asked}, got '${response.header('content-range') ?? 'no range'}'`,
  );
}

/** The start of a digest, enough for people to tell blobs apart. */
export function shorten(digest: Digest): string {
  const { algorithm, hex } = digestParts(digest);
  return `${algorithm}:${hex.slice(0, 12)}`;
}

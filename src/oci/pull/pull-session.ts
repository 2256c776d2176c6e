import type { AbortOptions } from '../abort-options.ts';
import type { Descriptor } from '../content/descriptor.ts';
import type { Credential, CredentialSource } from '../credentials/credential.ts';
import { isOciError, OciError } from '../errors.ts';
import { formatReference, type Reference } from '../reference/reference.ts';
import type { RegistryClient } from '../registry/registry-client.ts';
import type { Repository } from '../registry/repository.ts';
import type { BlobFetchOptions, BlobStore } from '../store/blob-store.ts';
import type { BlobSource } from '../store/download-blob.ts';

interface Candidate {
  readonly repository: (options: AbortOptions) => Promise<Repository>;
  readonly credential: Credential | undefined;
}

export interface PullSessionComponents {
  readonly client: RegistryClient;
  readonly credentials: CredentialSource;
  readonly reference: Reference;
}

/** Attempts at a place when there are others left to ask. */
const hastyAttempts = 2;
/** Failures of a download that are the place's fault. */
const faults = ['DigestMismatch', 'InvalidResponse', 'RegistryUnavailable'] as const;

/**
 * One image's pull: knows every place that may have it and every credential that may open it, and
 * asks them in order until one gives. What gave once is asked first from then on.
 */
export class PullSession {
  readonly #components: PullSessionComponents;
  #candidates: Promise<readonly Candidate[]> | undefined;
  #preferred: Candidate | undefined;
  readonly #dismissed = new Set<Candidate>();

  constructor(components: PullSessionComponents) {
    this.#components = components;
  }

  /** With what the last answer was got; `undefined` is anonymously. */
  get credential(): Credential | undefined {
    return this.#preferred?.credential;
  }

  /**
   * Asks one place after the other.
   *
   * @throws OciError With the last place's code, and the words of all.
   */
  async ask<T>(
    operation: (repository: Repository) => Promise<T>,
    options: AbortOptions = {},
  ): Promise<T> {
    return (await this.#askEach(operation, options)).answer;
  }

  /** Whether a place confirms that it has the blob; one that does not say so may give it yet. */
  async hasBlob(blob: Descriptor, options: AbortOptions = {}): Promise<boolean> {
    try {
      return await this.ask((repository) => repository.hasBlob(blob, options), options);
    } catch (error) {
      options.signal?.throwIfAborted();
      if (isOciError(error)) return false;
      throw error;
    }
  }

  /** Brings a blob into the store. A place that breaks off or lies is not asked again. */
  async fetchBlob(
    blobs: BlobStore,
    descriptor: Descriptor,
    options: BlobFetchOptions = {},
  ): Promise<void> {
    for (;;) {
      let used: Candidate | undefined;
      const source: BlobSource = async (offset, later) => {
        const open = (repository: Repository) => repository.blob(descriptor, offset, later);
        const { answer, candidate } = await this.#askEach(open, later);
        used = candidate;
        return answer;
      };
      try {
        return await blobs.fetch(descriptor, source, options);
      } catch (error) {
        const isItsFault = isOciError(error, ...faults);
        if (!isItsFault || used === undefined || !(await this.#dismiss(used))) throw error;
      }
    }
  }

  async #askEach<T>(
    operation: (repository: Repository) => Promise<T>,
    options: AbortOptions,
  ): Promise<{ readonly answer: T; readonly candidate: Candidate }> {
    const failures: OciError[] = [];
    for (const candidate of await this.#inOrder(options)) {
      try {
        const answer = await operation(await candidate.repository(options));
        this.#preferred = candidate;
        return { answer, candidate };
      } catch (error) {
        options.signal?.throwIfAborted();
        if (!isOciError(error) || isOciError(error, 'DiskFull')) throw error;
        failures.push(error);
      }
    }
    throw this.#failure(failures);
  }

  async #inOrder(options: AbortOptions): Promise<readonly Candidate[]> {
    this.#candidates ??= this.#findCandidates(options);
    const left = (await this.#candidates).filter((candidate) => !this.#dismissed.has(candidate));
    const isPreferred = (candidate: Candidate) => candidate === this.#preferred;
    return [...left.filter(isPreferred), ...left.filter((candidate) => !isPreferred(candidate))];
  }

  /** @returns Whether there is somebody else to ask. */
  async #dismiss(candidate: Candidate): Promise<boolean> {
    this.#dismissed.add(candidate);
    return (await this.#inOrder({})).length > 0;
  }

  async #findCandidates(options: AbortOptions): Promise<readonly Candidate[]> {
    const { client, credentials, reference } = this.#components;
    const { registry, repository } = reference;
    const endpoints = client.registries.endpointsOf(registry);
    const perEndpoint = endpoints.map(async (endpoint) => {
      const found = await credentials.find({ registry: endpoint.registry, repository }, options);
      const tried: readonly (Credential | undefined)[] = found.length === 0 ? [undefined] : found;
      return tried.map((credential) => ({ endpoint, credential }));
    });
    const all = (await Promise.all(perEndpoint)).flat();
    return all.map(({ endpoint, credential }, index) => {
      const attempts = index < all.length - 1 ? { attempts: hastyAttempts } : {};
      const request = { endpoint, credential, registry, repository, ...attempts };
      return { credential, repository: (later) => client.repository(request, later) };
    });
  }

  #failure(failures: readonly OciError[]): OciError {
    const name = formatReference(this.#components.reference);
    const last = failures.at(-1);
    const words = [...new Set(failures.map(({ message }) => message))].join('; ');
    return new OciError(last?.code ?? 'RegistryUnavailable', `pull ${name}: ${words}`, {
      cause: last,
    });
  }
}

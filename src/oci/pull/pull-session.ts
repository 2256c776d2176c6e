import type { AbortOptions } from '../abort-options.ts';
import type { Descriptor } from '../content/descriptor.ts';
import type { Credential, CredentialSource } from '../credentials/credential.ts';
import { isOciError, OciError } from '../errors.ts';
import { formatReference, type Reference } from '../reference/reference.ts';
import type { RegistryClient } from '../registry/registry-client.ts';
import type { Repository } from '../registry/repository.ts';
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

/**
 * One image's pull: knows every place that may have it and every credential that may open it, and
 * asks them in order until one gives. What gave once is asked first from then on.
 */
export class PullSession {
  readonly #components: PullSessionComponents;
  #candidates: Promise<readonly Candidate[]> | undefined;
  #preferred: Candidate | undefined;

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
    const failures: OciError[] = [];
    for (const candidate of await this.#inOrder(options)) {
      try {
        const answer = await operation(await candidate.repository(options));
        this.#preferred = candidate;
        return answer;
      } catch (error) {
        options.signal?.throwIfAborted();
        if (!isOciError(error) || isOciError(error, 'DiskFull')) throw error;
        failures.push(error);
      }
    }
    throw this.#failure(failures);
  }

  /** Where a blob of the image comes from. */
  blobSource(descriptor: Descriptor): BlobSource {
    return async (offset, options) =>
      await this.ask((repository) => repository.blob(descriptor, offset, options), options);
  }

  async #inOrder(options: AbortOptions): Promise<readonly Candidate[]> {
    this.#candidates ??= this.#findCandidates(options);
    const all = await this.#candidates;
    const preferred = this.#preferred;
    if (preferred === undefined) return all;
    return [preferred, ...all.filter((candidate) => candidate !== preferred)];
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

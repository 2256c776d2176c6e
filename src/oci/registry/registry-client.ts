import type { AbortOptions } from '../abort-options.ts';
import type { Clock } from '../clock.ts';
import type { Credential } from '../credentials/credential.ts';
import { isOciError, OciError } from '../errors.ts';
import { HttpClient } from '../http/http-client.ts';
import type { ProxySettings } from '../http/proxy-settings.ts';
import type { RetryInit } from '../http/retry.ts';
import { Transport } from '../http/transport.ts';
import { Authorizer } from './authorizer.ts';
import { type Endpoint, Registries, type RegistriesInit } from './endpoints.ts';
import { Repository, type RepositoryInit } from './repository.ts';

/** How registries are reached. Everything is optional; the defaults reach public registries. */
export interface RegistryClientInit {
  readonly registries?: RegistriesInit;
  readonly proxies?: ProxySettings;
  /** Certificates in PEM to trust besides the runtime's and the system's. */
  readonly caCertificates?: readonly string[];
  readonly retry?: RetryInit;
  readonly connectTimeoutMs?: number;
  readonly headersTimeoutMs?: number;
  readonly bodyTimeoutMs?: number;
  readonly userAgent?: string;
  readonly clock?: Clock;
}

/** Which repository to open, where, and as whom. */
export interface RepositoryRequest extends RepositoryInit {
  readonly endpoint: Endpoint;
  readonly repository: string;
  readonly credential: Credential | undefined;
  /** Name of the registry that the image is of. */
  readonly registry: string;
}

/** Talks to registries. Holds connections and tokens: one serves a whole process. */
export class RegistryClient implements AsyncDisposable {
  readonly registries: Registries;
  readonly #transport: Transport;
  readonly #http: HttpClient;
  readonly #authorizer: Authorizer;
  readonly #baseUrls = new Map<string, string>();

  constructor(init: RegistryClientInit = {}) {
    this.registries = new Registries(init.registries);
    this.#transport = new Transport(init);
    this.#http = new HttpClient(
      {
        transport: this.#transport,
        isInsecure: (host, registry) => this.registries.isInsecure(host, registry),
      },
      init,
    );
    this.#authorizer = new Authorizer({ http: this.#http }, init);
  }

  /** Opens a repository. Asks an insecure registry first whether it speaks HTTPS. */
  async repository(request: RepositoryRequest, options: AbortOptions = {}): Promise<Repository> {
    const { endpoint, repository, credential, registry } = request;
    const baseUrl = await this.#baseUrlOf(endpoint, options);
    const mirrorOf = endpoint.isMirror ? { mirrorOf: registry } : {};
    const authorizer = this.#authorizer;
    return new Repository({ authorizer, baseUrl, repository, credential, ...mirrorOf }, request);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#transport[Symbol.asyncDispose]();
  }

  async #baseUrlOf({ baseUrls, registry }: Endpoint, options: AbortOptions): Promise<string> {
    const [first, ...others] = baseUrls;
    if (first !== undefined && others.length === 0) return first;
    const known = this.#baseUrls.get(registry);
    if (known !== undefined) return known;
    const failures: OciError[] = [];
    for (const baseUrl of baseUrls) {
      const failure = await this.#probe(baseUrl, options);
      if (failure === undefined) {
        this.#baseUrls.set(registry, baseUrl);
        return baseUrl;
      }
      failures.push(failure);
    }
    throw new OciError('RegistryUnavailable', failures.map(({ message }) => message).join('; '), {
      cause: failures[0],
    });
  }

  /** Why a base URL does not answer; `undefined` when it does. */
  async #probe(baseUrl: string, options: AbortOptions): Promise<OciError | undefined> {
    try {
      const request = { method: 'GET', url: new URL(`${baseUrl}/v2/`) } as const;
      await using _answer = await this.#http.send(request, { ...options, attempts: 1 });
      return undefined;
    } catch (error) {
      if (isOciError(error)) return error;
      throw error;
    }
  }
}

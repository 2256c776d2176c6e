import type { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import dispatch from 'undici/lib/api/api-request.js';
import type { AbortOptions } from '../abort-options.ts';
import { abortable } from '../abortable.ts';
import { type Clock, systemClock } from '../clock.ts';
import { codeOf } from '../error-code.ts';
import { describeError, isOciError, OciError } from '../errors.ts';
import { bareHost, isLoopbackHost } from './proxy-settings.ts';
import type { HttpResponse } from './response.ts';
import { parseRetryAfter, RetryableError, type RetryInit, retry } from './retry.ts';
import type { Transport } from './transport.ts';

export interface HttpRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH';
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  /** Makes the body, once for each attempt. */
  readonly body?: () => Uint8Array | Readable;
  /** The host of the registry that named this URL. @default the URL's host */
  readonly registry?: string;
}

export interface HttpClientComponents {
  readonly transport: Transport;
  /**
   * Whether a host (with its port) may be reached over plain HTTP or unverified TLS on the word of
   * a registry, which may be the host itself.
   */
  readonly isInsecure: (host: string, registry: string) => boolean;
}

export interface HttpClientInit {
  readonly retry?: RetryInit;
  readonly clock?: Clock;
  /** How long a server may take to begin its answer. @default 15_000, for uploads 60_000 */
  readonly headersTimeoutMs?: number;
  /** How long a server may pause within its answer. @default 15_000 */
  readonly bodyTimeoutMs?: number;
  readonly userAgent?: string;
}

export interface SendOptions extends AbortOptions {
  /** Overrides how often the request is tried. */
  readonly attempts?: number;
}

const maxRedirects = 5;
const maxDrainBytes = 16_384;
const maxDrainMs = 500;
const redirectStatuses = [301, 302, 303, 307, 308];
const retryableStatuses = [408, 429, 500, 502, 503, 504];
/**
 * Which part of all patience is gone after a time-out: with those of {@link HttpClientInit} and
 * {@link Transport}, a server that says nothing is waited for 15 s, however often it is asked.
 */
const patienceTaken: Readonly<Record<string, number>> = {
  UND_ERR_CONNECT_TIMEOUT: 1 / 3,
  UND_ERR_HEADERS_TIMEOUT: 1,
};
const hopelessCodes =
  /^(ENOTFOUND|ERR_TLS_|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|ERR_SSL_|EPROTO)/;

/**
 * HTTP as registries need it: redirects that never carry credentials to another host, retries for
 * what may pass, and answers that must begin and go on in time.
 */
export class HttpClient {
  readonly #transport: Transport;
  readonly #isInsecure: (host: string, registry: string) => boolean;
  readonly #init: HttpClientInit;
  readonly #clock: Clock;

  constructor(components: HttpClientComponents, init: HttpClientInit = {}) {
    this.#transport = components.transport;
    this.#isInsecure = components.isInsecure;
    this.#init = init;
    this.#clock = init.clock ?? systemClock;
  }

  /**
   * Sends a request and follows redirects. The caller judges the status of the answer, and must
   * read or dispose of it.
   *
   * @throws OciError `RegistryUnavailable` when there is no answer, or only ones that ask to come
   * back later; `InvalidResponse` for redirects that lead nowhere.
   */
  async send(request: HttpRequest, { signal, attempts }: SendOptions = {}): Promise<HttpResponse> {
    const init = { ...this.#init.retry, clock: this.#clock, ...(attempts && { attempts }) };
    const options = signal === undefined ? {} : { signal };
    return await retry(() => this.#sendOnce(request, options), init, options);
  }

  async #sendOnce(request: HttpRequest, options: AbortOptions): Promise<HttpResponse> {
    const response = await this.#follow(request, options);
    if (!retryableStatuses.includes(response.status)) return response;
    await response[Symbol.asyncDispose]();
    const retryAfterMs = parseRetryAfter(response.header('retry-after'), this.#clock.now());
    const asks =
      retryAfterMs === undefined ? '' : `, which asks to wait ${Math.ceil(retryAfterMs / 1000)} s`;
    const message = `${nameOf(request)}: ${request.url.host} answered ${response.status}${asks}`;
    throw new RetryableError(new OciError('RegistryUnavailable', message), { retryAfterMs });
  }

  async #follow(first: HttpRequest, options: AbortOptions): Promise<HttpResponse> {
    let request = first;
    for (let redirects = 0; redirects <= maxRedirects; redirects++) {
      const response = await this.#exchange(request, options);
      const location = response.header('location');
      if (!redirectStatuses.includes(response.status) || location === undefined) return response;
      await response[Symbol.asyncDispose]();
      request = this.#redirected(request, location, response.status);
    }
    throw new OciError(
      'InvalidResponse',
      `${nameOf(first)}: more than ${maxRedirects} redirects, the last one to ${request.url.host}`,
    );
  }

  #redirected(request: HttpRequest, location: string, status: number): HttpRequest {
    const fail = (why: string) =>
      new OciError('InvalidResponse', `${nameOf(request)}: redirect ${why}`);
    if (!URL.canParse(location, request.url)) throw fail(`to '${location}', which is not a URL`);
    const url = new URL(location, request.url);
    if (url.protocol !== 'https:' && url.protocol !== 'http:') throw fail(`to '${url.protocol}'`);
    const keepsMethod = status >= 307 || request.method === 'GET' || request.method === 'HEAD';
    if (!keepsMethod) throw fail(`with ${status} in answer to ${request.method}`);
    if (url.origin === request.url.origin) return { ...request, url };
    const { authorization: _, ...headers } = request.headers ?? {};
    return { ...request, url, headers, registry: registryOf(request) };
  }

  async #exchange(request: HttpRequest, options: AbortOptions): Promise<HttpResponse> {
    const { signal } = options;
    const { url } = request;
    const isInsecure = this.#isInsecure(url.host, registryOf(request));
    if (!isInsecure) demandOpenWay(request);
    const isUpload = request.method !== 'GET' && request.method !== 'HEAD';
    const pool = await this.#transport.poolFor(url, { verifyTls: !isInsecure });
    try {
      const answer = dispatch.call(pool, {
        origin: url.origin,
        path: url.pathname + url.search,
        method: request.method,
        headers: { 'user-agent': this.#init.userAgent ?? 'krustlet', ...request.headers },
        body: request.body?.() ?? null,
        headersTimeout: this.#init.headersTimeoutMs ?? (isUpload ? 60_000 : 15_000),
        bodyTimeout: this.#init.bodyTimeoutMs ?? 15_000,
        signal: signal ?? null,
      });
      // undici hears of an abort only once it is connected, and a host may let it wait for that.
      return new UndiciResponse(url, await abortable(answer, options));
    } catch (error) {
      signal?.throwIfAborted();
      throw connectionError(request, error);
    }
  }
}

class UndiciResponse implements HttpResponse {
  readonly url: URL;
  readonly #response: Dispatcher.ResponseData;

  constructor(url: URL, response: Dispatcher.ResponseData) {
    this.url = url;
    this.#response = response;
    // Whoever reads the body sees its error; one that nobody reads must not end the process.
    response.body.on('error', () => {});
  }

  get status(): number {
    return this.#response.statusCode;
  }

  get body(): Readable {
    return this.#response.body;
  }

  header(name: string): string | undefined {
    const value = this.#response.headers[name];
    return Array.isArray(value) ? value.join(', ') : value;
  }

  /** Reads a short rest, so that the connection can be used again; gives up on a long one. */
  async [Symbol.asyncDispose](): Promise<void> {
    const { body } = this.#response;
    const rest = Number(this.header('content-length') ?? maxDrainBytes + 1);
    if (!body.readableEnded && !body.destroyed && rest <= maxDrainBytes) {
      const signal = AbortSignal.timeout(maxDrainMs);
      await body.dump({ limit: maxDrainBytes, signal }).catch(() => undefined);
    }
    body.destroy();
  }
}

/** OpenSSL's, where nobody that is trusted has signed a certificate. */
const untrusted = /^(UNABLE_TO_(VERIFY_LEAF_SIGNATURE|GET_ISSUER_CERT.*)|.*SELF_SIGNED_CERT.*)$/;
const distrust =
  'its certificate is of an authority that is not trusted here: name the file with the authority in SSL_CERT_FILE, or the registry in --insecure-registries';

function connectionError(request: HttpRequest, error: unknown): Error {
  if (isOciError(error)) return error;
  const code = codeOf(error);
  const why = untrusted.test(code) ? `${distrust} (${code})` : describeError(error);
  const message = `${nameOf(request)}: ${request.url.host} cannot be reached: ${why}`;
  const failure = new OciError('RegistryUnavailable', message, { cause: error });
  if (hopelessCodes.test(code)) return failure;
  return new RetryableError(failure, { patience: patienceTaken[code] });
}

function registryOf({ registry, url }: HttpRequest): string {
  return registry ?? url.host;
}

/** What a registry anywhere says must lead neither to this machine's services nor past TLS. */
function demandOpenWay(request: HttpRequest): void {
  const { url } = request;
  const registry = registryOf(request);
  const fail = (why: string) => new OciError('InvalidResponse', `${nameOf(request)}: ${why}`);
  if (registry === url.host) {
    if (url.protocol === 'https:') return;
    throw fail(`${url.host} is not an insecure registry, and this is plain HTTP`);
  }
  const both = 'name both in --insecure-registries if it may';
  if (isLoopbackHost(bareHost(url.hostname))) {
    throw fail(`${registry} leads to this machine, where it is not itself: ${both}`);
  }
  if (url.protocol === 'https:') return;
  throw fail(`${registry} leads to plain HTTP at ${url.host}: ${both}`);
}

function nameOf({ method, url }: HttpRequest): string {
  return `${method} ${url.origin}${url.pathname}`;
}

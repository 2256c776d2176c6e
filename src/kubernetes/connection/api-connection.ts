import type { Dispatcher } from 'undici';
import dispatch from 'undici/lib/api/api-request.js';
import Pool from 'undici/lib/dispatcher/pool.js';
import type { AbortOptions } from '../abort-options.ts';
import { isApiError } from '../api/api-error.ts';
import { type ApiRequest, targetOf } from './api-request.ts';
import { type Authenticator, createAuthenticator } from './authenticator.ts';
import type { ClientCertificate, ClusterAccess } from './cluster-access.ts';
import { errorOfAnswer, errorOfFailure } from './request-failure.ts';

/** All optional. */
export interface ApiConnectionInit {
  /** How this program names itself to the server. @default 'krustlet' */
  readonly userAgent?: string;
  /** Longest wait for a connection, an answer, or a part of one, in ms. @default 30_000 */
  readonly timeout?: number;
}

/** Requests of a burst take turns: each further connection would cost both sides a handshake. */
const maxConnections = 16;

/** Watches, each of which keeps its connection, stand in no request's way. */
interface Pools {
  readonly requests: Pool;
  readonly watches: Pool;
}

/** The body of an answer, while it comes. */
export type AnswerBody = Dispatcher.ResponseData['body'];

/**
 * Connections to one API server. Connects when there is something to send, keeps connections for
 * later requests, and takes a new client certificate without a pause.
 */
export class ApiConnection implements AsyncDisposable {
  readonly access: ClusterAccess;
  readonly #userAgent: string;
  readonly #timeout: number;
  readonly #prefix: string;
  readonly #authenticator: Authenticator;
  #certificate: ClientCertificate | undefined;
  #pools: Pools | undefined;

  constructor(access: ClusterAccess, init: ApiConnectionInit = {}) {
    this.access = access;
    this.#userAgent = init.userAgent ?? 'krustlet';
    this.#timeout = init.timeout ?? 30_000;
    this.#prefix = new URL(access.server).pathname.replace(/\/+$/, '');
    this.#authenticator = createAuthenticator(access.identity.credential);
    this.#certificate = access.identity.clientCertificate;
  }

  /**
   * Sends a request and gives the body of a good answer, to be read or destroyed by the caller.
   * Throws an `ApiError` for any other answer, and for none.
   */
  async send(request: ApiRequest, { signal }: AbortOptions = {}): Promise<AnswerBody> {
    try {
      return await this.#sendOnce(request, signal);
    } catch (error) {
      const mayBeStale = isApiError(error, 'Unauthorized') && this.#authenticator.refresh();
      if (!mayBeStale) throw error;
      return this.#sendOnce(request, signal);
    }
  }

  /** Uses the certificate from now on; requests on their way end on the connections they have. */
  useClientCertificate(certificate: ClientCertificate): void {
    this.#certificate = certificate;
    void this.#pools?.requests.close();
    void this.#pools?.watches.close();
    this.#pools = undefined;
  }

  /** Ends all connections and what is on its way. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.#pools?.requests.destroy(), this.#pools?.watches.destroy()]);
    this.#pools = undefined;
  }

  async #sendOnce(request: ApiRequest, signal: AbortSignal | undefined): Promise<AnswerBody> {
    const { authorization, clientCertificate } = await this.#authenticator.credentials({ signal });
    if (clientCertificate && clientCertificate.certificate !== this.#certificate?.certificate) {
      this.useClientCertificate(clientCertificate);
    }
    const answer = await this.#dispatch(request, authorization, signal);
    if (answer.statusCode < 300) return answer.body;
    throw await errorOfAnswer(request, answer);
  }

  async #dispatch(
    request: ApiRequest,
    authorization: string | undefined,
    signal: AbortSignal | undefined,
  ): Promise<Dispatcher.ResponseData> {
    this.#pools ??= {
      requests: this.#connect({ connections: maxConnections }),
      watches: this.#connect(),
    };
    const pool = request.idleTimeout === undefined ? this.#pools.requests : this.#pools.watches;
    try {
      return await dispatch.call(pool, {
        method: request.method,
        path: this.#prefix + targetOf(request),
        headers: this.#headers(request, authorization),
        body: request.body === undefined ? null : JSON.stringify(request.body),
        // API servers read the body of a DELETE: there is no need to give up the connection for it.
        reset: false,
        ...(request.idleTimeout === undefined ? {} : { bodyTimeout: request.idleTimeout }),
        ...(signal ? { signal } : {}),
      });
    } catch (cause) {
      signal?.throwIfAborted();
      throw errorOfFailure(request, this.access.server, cause);
    }
  }

  #headers(request: ApiRequest, authorization: string | undefined): Record<string, string> {
    return {
      accept: 'application/json',
      'user-agent': this.#userAgent,
      ...(request.body === undefined
        ? {}
        : { 'content-type': request.contentType ?? 'application/json' }),
      ...(authorization === undefined ? {} : { authorization }),
    };
  }

  #connect(init: Pool.Options = {}): Pool {
    const { server, certificateAuthority, tlsServerName, insecureSkipTlsVerify } = this.access;
    return new Pool(new URL(server).origin, {
      ...init,
      // One watch per connection: a watch that is slow to be read holds up nothing else.
      allowH2: false,
      headersTimeout: this.#timeout,
      bodyTimeout: this.#timeout,
      // Below the server's own 90 s, so that it is this side that closes an idle connection.
      keepAliveTimeout: 60_000,
      connect: {
        timeout: Math.min(this.#timeout, 10_000),
        keepAlive: true,
        keepAliveInitialDelay: 30_000,
        rejectUnauthorized: insecureSkipTlsVerify !== true,
        ...(certificateAuthority === undefined ? {} : { ca: certificateAuthority }),
        ...(tlsServerName === undefined ? {} : { servername: tlsServerName }),
        ...(this.#certificate
          ? { cert: this.#certificate.certificate, key: this.#certificate.key }
          : {}),
      },
    });
  }
}

import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import https from 'node:https';
import { type AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { AbortOptions } from '../provider.ts';
import type { Authenticator } from './auth/authenticator.ts';
import type { Authorizer } from './auth/authorizer.ts';
import { requestAttributes } from './auth/request-attributes.ts';
import { HttpError } from './http/http-error.ts';
import { type Match, pathSegments, type Route, type RoutedRequest, Router } from './http/router.ts';
import { refuseUpgrade, respondWithStatus } from './http/status-response.ts';
import { Strangers } from './http/strangers.ts';
import { SpdyError } from './spdy/spdy-error.ts';

/** The server's certificate, as PEM; it may be replaced while the server runs. */
export interface ServingCertificate {
  readonly key: string;
  readonly certificate: string;
}

export interface KubeletServerComponents {
  readonly authenticator: Authenticator;
  readonly authorizer: Authorizer;
  readonly routes: readonly Route[];
  /** Counts the requests. @default nobody does */
  readonly http?: RequestCounter;
  /** Told of errors that are not the client's. */
  readonly onError: (error: unknown) => void;
}

/** Hears of every request that a user may make. */
export interface RequestCounter {
  /** A request is being served; the answer is called once it is done. */
  begin(request: {
    readonly method: string;
    readonly endpoint: string;
    readonly isLongRunning: boolean;
  }): () => void;
}

export interface KubeletServerInit {
  /** @default '0.0.0.0' */
  readonly address?: string;
  /** Whether an address of this machine's is not the kubelet's: connections to it are closed. @default none is */
  readonly isForPods?: (address: string) => boolean;
  /** @default 10250 */
  readonly port?: number;
  /** PEM of the CA that signs clients' certificates; without it, only tokens prove a user. */
  readonly clientCa?: string;
  /** Most connections at once. @default 4096 */
  readonly maxConnections?: number;
  /** Milliseconds after which a stream on which nothing moves is closed. @default 4 hours */
  readonly streamIdleTimeout?: number;
}

/** Limits on what a client may send and how long it may take; milliseconds and bytes. */
const limits = {
  handshakeTimeout: 10_000,
  headersTimeout: 10_000,
  requestTimeout: 60_000,
  keepAliveTimeout: 90_000,
  maxHeaderSize: 16 * 1024,
  checkInterval: 2_000,
} as const;

/** The kubelet's API: TLS, then authentication, then authorization, then a route. */
export class KubeletServer {
  readonly #authenticator: Authenticator;
  readonly #authorizer: Authorizer;
  readonly #router: Router;
  readonly #http: RequestCounter | undefined;
  readonly #onError: (error: unknown) => void;
  readonly #server: https.Server;
  readonly #address: string;
  readonly #port: number;
  readonly #clientCa: string | undefined;
  readonly #streamIdleTimeout: number;
  readonly #upgraded = new Set<Duplex>();
  readonly #strangers = new Strangers();
  readonly #stopping = new AbortController();

  constructor(components: KubeletServerComponents, init: KubeletServerInit = {}) {
    this.#authenticator = components.authenticator;
    this.#authorizer = components.authorizer;
    this.#router = new Router(components.routes);
    this.#http = components.http;
    this.#onError = components.onError;
    this.#address = init.address ?? '0.0.0.0';
    this.#port = init.port ?? 10250;
    this.#clientCa = init.clientCa;
    this.#streamIdleTimeout = init.streamIdleTimeout ?? 4 * 60 * 60_000;
    this.#server = https.createServer({
      ...this.#tlsOptions(),
      handshakeTimeout: limits.handshakeTimeout,
      headersTimeout: limits.headersTimeout,
      requestTimeout: limits.requestTimeout,
      keepAliveTimeout: limits.keepAliveTimeout,
      connectionsCheckingInterval: limits.checkInterval,
      maxHeaderSize: limits.maxHeaderSize,
    });
    this.#server.maxConnections = init.maxConnections ?? 4096;
    this.#server.on('connection', (socket) => {
      if (init.isForPods?.(localAddressOf(socket))) socket.destroy();
      else this.#strangers.add(socket);
    });
    this.#server.on('request', (request, response) => void this.#serve(request, response));
    this.#server.on(
      'upgrade',
      (request, socket, head) => void this.#upgrade(request, socket, head),
    );
    // What a client breaks before there is a request is its own business.
    this.#server.on('tlsClientError', (_error, socket) => socket.destroy());
    this.#server.on('clientError', answerMalformed);
  }

  /** Serves with this certificate from the next handshake on. */
  useCertificate({ key, certificate }: ServingCertificate): void {
    this.#server.setSecureContext({ ...this.#tlsOptions(), key, cert: certificate });
  }

  /** Listens; resolves with the port once connections are taken. */
  async listen(options: AbortOptions = {}): Promise<number> {
    const listening = once(this.#server, 'listening', options);
    this.#server.listen({ host: this.#address, port: this.#port });
    await listening;
    return (this.#server.address() as AddressInfo).port;
  }

  /** Takes no more connections and ends the ones there are. */
  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#stopping.abort(new Error('serve request: the server stops'));
    for (const socket of this.#upgraded) socket.destroy();
    this.#server.closeAllConnections();
    await closed;
  }

  #tlsOptions() {
    return {
      minVersion: 'TLSv1.2',
      requestCert: this.#clientCa !== undefined,
      rejectUnauthorized: false,
      ...(this.#clientCa === undefined ? {} : { ca: this.#clientCa }),
    } as const;
  }

  async #serve(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const gone = new AbortController();
    response.once('close', () => gone.abort(new Error('serve request: the client is gone')));
    try {
      const [{ route }, request] = await this.#admit(message, gone.signal);
      if (route.handle === undefined) {
        throw new HttpError('BadRequest', 'unable to upgrade: missing upgrade headers in request');
      }
      const counted = this.#begin(route, message);
      response.once('close', counted);
      await route.handle(request, response);
    } catch (error) {
      this.#report(error, gone.signal);
      respondWithStatus(response, error);
    }
  }

  async #upgrade(message: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const gone = new AbortController();
    this.#upgraded.add(socket);
    socket.once('close', () => {
      this.#upgraded.delete(socket);
      gone.abort(new Error('serve request: the client is gone'));
    });
    // A connection that breaks closes, which is what the handlers wait for.
    socket.on('error', () => socket.destroy());
    if (socket instanceof Socket) {
      socket.setTimeout(this.#streamIdleTimeout, () => socket.destroy());
    }
    try {
      const [{ route }, request] = await this.#admit(message, gone.signal);
      if (route.upgrade === undefined) {
        throw new HttpError('BadRequest', 'unable to upgrade: the resource is not a stream');
      }
      socket.once('close', this.#begin(route, message));
      await route.upgrade(request, socket, head);
    } catch (error) {
      this.#report(error, gone.signal);
      // Anything else happened after the upgrade, when an HTTP answer would be noise in a stream.
      if (error instanceof HttpError) refuseUpgrade(socket, error);
      else socket.destroy();
    }
  }

  /** Who it is comes before what there is: paths are no secret that a stranger may probe. */
  async #admit(message: IncomingMessage, gone: AbortSignal): Promise<[Match, RoutedRequest]> {
    const url = parseUrl(message.url);
    const path = pathSegments(url.pathname);
    const method = message.method ?? 'GET';
    const signal = AbortSignal.any([gone, this.#stopping.signal]);
    const user = await this.#authenticator.authenticate(message, { signal }).catch(unavailable);
    if (user === undefined) throw new HttpError('Unauthorized', 'Unauthorized');
    const attributes = requestAttributes(method, path);
    const allowed = await this.#authorizer
      .authorize(user, attributes, { signal })
      .catch(unavailable);
    if (!allowed) {
      const { verb, subresources } = attributes;
      throw new HttpError(
        'Forbidden',
        `Forbidden (user=${user.name}, verb=${verb}, resource=nodes, ` +
          `subresource(s)=[${subresources.join(' ')}])`,
      );
    }
    this.#strangers.letIn(message.socket);
    const match = this.#router.find(method, path);
    return [match, { message, url, params: match.params, signal }];
  }

  #begin({ path, upgrade }: Route, { method = 'GET' }: IncomingMessage): () => void {
    const [endpoint = ''] = path.split('/').filter((segment) => segment !== '');
    const isLongRunning = upgrade !== undefined || endpoint === 'containerLogs';
    return this.#http?.begin({ method, endpoint, isLongRunning }) ?? (() => undefined);
  }

  #report(error: unknown, gone: AbortSignal): void {
    if (!isClientsFault(error) && !gone.aborted) this.#onError(error);
  }
}

/** What a client breaks is its own business: it must not fill the log. */
function isClientsFault(error: unknown): boolean {
  if (error instanceof HttpError) return error.status < 500;
  return error instanceof SpdyError && error.code !== 'INTERNAL_ERROR';
}

/** Of a socket that takes both families an IPv4 address is told in its IPv6 form. */
function localAddressOf({ localAddress = '' }: Socket): string {
  return localAddress.replace(/^::ffff:/, '');
}

function parseUrl(target: string | undefined): URL {
  const url = URL.parse(target ?? '', 'https://node');
  if (url === null) throw new HttpError('BadRequest', `parse URL: '${target}' is not valid`);
  return url;
}

/** Where the API server cannot be asked, nobody is let in. */
function unavailable(cause: unknown): never {
  if (cause instanceof HttpError) throw cause;
  throw new HttpError('ServiceUnavailable', 'the API server cannot be asked who this is', {
    cause,
  });
}

function answerMalformed(error: NodeJS.ErrnoException, socket: Socket): void {
  const tooLarge = error.code === 'HPE_HEADER_OVERFLOW';
  const timedOut = error.code === 'ERR_HTTP_REQUEST_TIMEOUT';
  if (!socket.writable || timedOut) socket.destroy();
  else if (tooLarge) socket.end('HTTP/1.1 431 Request Header Fields Too Large\r\n\r\n');
  else refuseUpgrade(socket, new HttpError('BadRequest', 'parse request: not valid HTTP'));
}

import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { GuestExit } from '../abi/guest-trap.ts';
import type { ComponentInstance } from '../link/component-instance.ts';
import { handleRequest, serviceInterface } from '../p3/http/service.ts';
import type { InstancePool, Lease } from '../pool/instance-pool.ts';
import type { BodySource } from './incoming-body.ts';
import { IncomingRequest, type RequestHead, ResponseOutparam } from './messages.ts';
import { RepeatedHandler } from './repeated-handler.ts';
import { bodySource } from './request-body.ts';
import { requestHead } from './request-head.ts';
import { ResponseWriter } from './response-writer.ts';

export interface HttpServerInit {
  /** Requests that run at once; more wait. @default 128 */
  readonly maximumConcurrency?: number;
  /** Requests that wait for their turn; more are answered with 503. @default 1024 */
  readonly maximumWaiting?: number;
  /** Milliseconds from a request's head to the end of its handler. @default 30000 */
  readonly requestTimeout?: number;
  /** Milliseconds in which a request's head must have arrived. @default 10000 */
  readonly headersTimeout?: number;
  /** The most bytes of a request's head. @default 32768 */
  readonly maximumHeaderSize?: number;
  /** The most bytes of a request's body. @default 67108864 */
  readonly maximumBodySize?: number;
  /** Whether connections from an address are taken; others are cut. @default from all */
  readonly admits?: (address: string) => boolean;
  /** Told of every request once it is over. */
  readonly onRequest?: (record: RequestRecord) => void;
  /** Told of every handler that trapped, exited or took too long. */
  readonly onFailure?: (failure: unknown) => void;
}

/** A line of an access log. */
export interface RequestRecord {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly milliseconds: number;
}

/** A request that took longer than it may. */
export class RequestTimeout extends Error {
  override readonly name = 'RequestTimeout';
  readonly code = 'RequestTimeout';
}

/** A request whose client went away. */
export class ClientLeft extends Error {
  override readonly name = 'ClientLeft';
  readonly code = 'ClientLeft';
}

const handlerInterface = 'wasi:http/incoming-handler';

type Handler = (head: RequestHead, body: BodySource, writer: ResponseWriter) => Promise<unknown>;

/**
 * Serves HTTP/1.1 with a component's `wasi:http/incoming-handler`, or `wasi:http/handler` of WASI
 * 0.3: every request has an instance to
 * itself, so that a trap, an exit or a request that takes too long is that request's alone.
 */
export class HttpServer {
  readonly #pool: InstancePool;
  readonly #init: Required<Pick<HttpServerInit, keyof typeof defaults>> & HttpServerInit;
  readonly #server: Server;
  readonly #handlers = new WeakMap<ComponentInstance, Handler>();
  readonly #waiting: (() => void)[] = [];
  #running = 0;
  #draining = false;

  constructor(components: { pool: InstancePool }, init: HttpServerInit = {}) {
    this.#pool = components.pool;
    this.#init = { ...defaults, ...init };
    this.#server = createServer(
      {
        headersTimeout: this.#init.headersTimeout,
        requestTimeout: 0,
        maxHeaderSize: this.#init.maximumHeaderSize,
        keepAliveTimeout: 60_000,
      },
      (request, response) => this.#accept(request, response),
    );
    const { admits } = this.#init;
    if (admits === undefined) return;
    this.#server.prependListener('connection', (socket) => {
      if (!admits(socket.remoteAddress ?? '')) socket.resetAndDestroy();
    });
  }

  /** Requests whose handler is running. */
  get running(): number {
    return this.#running;
  }

  /**
   * Listens, or takes over a socket that does; resolves with the address, whose port is chosen by
   * the system for port 0.
   */
  async listen(
    where: { readonly host: string; readonly port: number } | { readonly fd: number },
  ): Promise<AddressInfo> {
    this.#server.listen({ ...where, backlog: 1024 });
    await once(this.#server, 'listening');
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new TypeError('No address');
    return address;
  }

  /** Serves a connection that is there already. */
  serve(connection: Duplex): void {
    this.#server.emit('connection', connection);
  }

  /**
   * Takes no new connections, lets the requests that are here finish, and resolves when all are
   * gone; cuts what is left when `signal` aborts.
   */
  async drain({ signal }: { signal?: AbortSignal } = {}): Promise<void> {
    this.#draining = true;
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeIdleConnections();
    const cut = () => this.#server.closeAllConnections();
    signal?.addEventListener('abort', cut, { once: true });
    if (signal?.aborted) cut();
    await closed;
    signal?.removeEventListener('abort', cut);
  }

  #accept(request: IncomingMessage, response: ServerResponse): void {
    if (this.#draining) response.shouldKeepAlive = false;
    if (this.#init.onRequest !== undefined) this.#record(request, response);
    if (this.#running < this.#init.maximumConcurrency) {
      this.#start(request, response);
    } else if (this.#waiting.length < this.#init.maximumWaiting) {
      this.#waiting.push(() => this.#start(request, response));
    } else {
      response.writeHead(503, ['content-length', '0', 'retry-after', '1']).end();
    }
  }

  #start(request: IncomingMessage, response: ServerResponse): void {
    if (response.destroyed) {
      this.#next();
      return;
    }
    this.#running++;
    this.#handle(request, response).finally(() => {
      this.#running--;
      this.#next();
      if (this.#draining) this.#closeWhenSent(response);
    });
  }

  /** A connection whose last response is out has nothing to wait for. */
  #closeWhenSent(response: ServerResponse): void {
    const close = () => setImmediate(() => this.#server.closeIdleConnections());
    if (response.writableFinished) close();
    else response.once('finish', close);
  }

  #next(): void {
    this.#waiting.shift()?.();
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const writer = new ResponseWriter(response);
    let lease: Lease;
    try {
      lease = this.#pool.acquire();
    } catch (cause) {
      this.#init.onFailure?.(cause);
      writer.fail(503);
      return;
    }
    const { instance } = lease;
    const timer = setTimeout(
      () => instance.cancel(new RequestTimeout('The request took too long')),
      this.#init.requestTimeout,
    );
    const left = () => {
      if (!response.writableFinished) instance.cancel(new ClientLeft('The client went away'));
    };
    response.once('close', left);
    try {
      await this.#call(instance, request, writer);
      lease.release('returned');
      if (!writer.hasResponded) writer.fail(500);
    } catch (cause) {
      lease.release('failed');
      this.#fail(writer, cause);
    } finally {
      clearTimeout(timer);
      response.off('close', left);
    }
  }

  #call(
    instance: ComponentInstance,
    request: IncomingMessage,
    writer: ResponseWriter,
  ): Promise<unknown> {
    const body = bodySource(request, this.#init.maximumBodySize);
    return this.#handler(instance)(requestHead(request), body, writer);
  }

  #handler(instance: ComponentInstance): Handler {
    const known = this.#handlers.get(instance);
    if (known !== undefined) return known;
    const made = handlerOf(instance);
    this.#handlers.set(instance, made);
    return made;
  }

  #fail(writer: ResponseWriter, cause: unknown): void {
    // A guest that exits with success after it has responded is done, not broken.
    if (cause instanceof GuestExit && cause.code === 0 && writer.hasResponded) return;
    if (!(cause instanceof ClientLeft)) this.#init.onFailure?.(cause);
    writer.fail(cause instanceof RequestTimeout ? 504 : 500);
  }

  #record(request: IncomingMessage, response: ServerResponse): void {
    const start = performance.now();
    response.once('close', () =>
      this.#init.onRequest?.({
        method: request.method ?? '',
        path: request.url ?? '',
        status: response.statusCode,
        milliseconds: performance.now() - start,
      }),
    );
  }
}

/** The newer of the interfaces that a component may serve with. */
function handlerOf(instance: ComponentInstance): Handler {
  if (instance.exports(serviceInterface)) {
    return (head, body, writer) => handleRequest(instance, head, body, writer);
  }
  const { handles } = instance;
  const handle = new RepeatedHandler(instance.exported(handlerInterface, 'handle'));
  return (head, body, writer) => {
    const incoming = handles.add(new IncomingRequest(head, body));
    const outparam = handles.add(new ResponseOutparam((outcome) => writer.respond(outcome)));
    return handle.call(incoming, outparam);
  };
}

const defaults = {
  maximumConcurrency: 128,
  maximumWaiting: 1024,
  requestTimeout: 30_000,
  headersTimeout: 10_000,
  maximumHeaderSize: 32 * 1024,
  maximumBodySize: 64 * 1024 * 1024,
};

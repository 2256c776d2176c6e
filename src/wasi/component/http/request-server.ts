import { once } from 'node:events';
import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
  STATUS_CODES,
} from 'node:http';
import {
  type AddressInfo,
  createServer as createListener,
  type Server as NetServer,
  type Socket,
} from 'node:net';
import type { Duplex } from 'node:stream';
import { ArrivalOrder } from './arrival-order.ts';
import { type DrainOptions, drainServer, takeWaitingConnections } from './drain-server.ts';
import { OpenConnections } from './open-connections.ts';
import { QuietWatch } from './quiet-watch.ts';
import { refuseBody } from './refuse-body.ts';
import { isAmbiguous, mayBeFollowed } from './request-framing.ts';
import { RequestTurns, type TurnsShare } from './request-turns.ts';
import { type Exchange, RunningExchanges } from './running-exchanges.ts';
import { serverDefaults } from './server-defaults.ts';
import { takeAllWaiting } from './waiting-connections.ts';

export interface RequestServerInit {
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
  /** Called when the server has been left alone for some seconds, once after each load. */
  readonly onQuiet?: () => void;
  /** Told of every handler that trapped, exited, took too long or gave no whole answer. */
  readonly onFailure?: OnFailure;
}

/** Is told why a request failed, and which; of what is no request's alone, only why. */
export type OnFailure = (failure: unknown, request?: IncomingMessage) => void;

/** A line of an access log. */
export interface RequestRecord {
  readonly method: string;
  readonly path: string;
  /** Undefined where nothing was sent. */
  readonly status: number | undefined;
  readonly milliseconds: number;
}

/** A socket that listens, and that a server takes over. */
export interface Listening {
  readonly fd: number;
  /** Takes one connection that waits: a descriptor, or a negative number where none can be taken. */
  readonly accept: () => number;
}

/** Answers one request; resolves when it is done with it, and does not reject. */
export type Answer = (exchange: Exchange) => Promise<void>;

export interface RequestServerComponents {
  readonly answer: Answer;
  /** Where several servers have the requests of one container. @default this is the only one */
  readonly share?: TurnsShare;
  /** Makes another descriptor of a connection, for another server. @default none can be given away */
  readonly duplicate?: (fd: number) => number;
  /** See `RunningExchangesInit`. @default what computes without end does so */
  readonly limitComputing?: (milliseconds: number) => void;
  /** What responses are made of. @default Node's */
  readonly Response?: typeof ServerResponse;
}

/** Milliseconds that a connection may be idle between two requests. */
const keepAliveTimeout = 60_000;
/** How often connections are looked for that are too slow, in milliseconds. */
const longestCheckInterval = 1_000;

/** Takes requests of HTTP/1.1, and has so many of them answered at once as it may. */
export class RequestServer {
  readonly #answer: Answer;
  readonly #init: Required<Pick<RequestServerInit, keyof typeof serverDefaults>> &
    RequestServerInit;
  readonly #server: Server;
  readonly #order = new ArrivalOrder();
  readonly #turns: RequestTurns;
  readonly #running: RunningExchanges;
  readonly #quiet: QuietWatch | undefined;
  /** For those who serve together with others. */
  protected readonly connections: OpenConnections;
  readonly #otherListeners: NetServer[] = [];
  #draining = false;
  /** Connections of which no more requests are taken. */
  #refused: WeakSet<Socket> | undefined;

  constructor(
    { answer, share, duplicate, limitComputing, Response }: RequestServerComponents,
    init: RequestServerInit = {},
  ) {
    this.#answer = answer;
    this.#init = { ...serverDefaults, ...init };
    const { headersTimeout, maximumHeaderSize, onQuiet, requestTimeout } = this.#init;
    this.#quiet = onQuiet && new QuietWatch(onQuiet);
    const whole = headersTimeout + requestTimeout;
    this.#turns = new RequestTurns(this.#init, share);
    this.#running = new RunningExchanges({ timeout: requestTimeout, limitComputing });
    this.#server = createServer(
      {
        headersTimeout,
        requestTimeout: whole,
        connectionsCheckingInterval: Math.min(headersTimeout, longestCheckInterval),
        maxHeaderSize: maximumHeaderSize,
        keepAliveTimeout,
        ...(Response && { ServerResponse: Response }),
      },
      (request, response) => this.#accept(request, response),
    );
    this.#server.on('checkContinue', (request, response) => {
      if (!this.#isTooLarge(request)) response.writeContinue();
      this.#accept(request, response);
    });
    this.#server.on('connect', (request, socket) => this.#refuseTunnel(request, socket));
    this.connections = new OpenConnections(this.#server, duplicate);
    // Who neither reads nor writes for longer than a request may take has gone, or means harm.
    this.#server.setTimeout(whole);
    const { admits } = this.#init;
    if (admits === undefined) return;
    this.#server.prependListener('connection', (socket) => {
      if (!admits(socket.remoteAddress ?? '')) socket.resetAndDestroy();
    });
  }

  /** Requests whose handler is running. */
  get running(): number {
    return this.#running.all.length;
  }

  /**
   * Listens, or takes over a socket that does; resolves with the address, whose port is chosen by
   * the system for port 0. May be called for several addresses.
   */
  async listen(
    where: { readonly host: string; readonly port: number } | Listening,
  ): Promise<AddressInfo> {
    const listener = this.#server.listening ? this.#anotherListener() : this.#server;
    listener.listen({ ...where, backlog: 1024 });
    await once(listener, 'listening');
    if ('fd' in where) takeAllWaiting(listener, this.connections, where.accept);
    const address = listener.address();
    if (address === null || typeof address === 'string') throw new TypeError('No address');
    return address;
  }

  /** A server of Node's listens once. */
  #anotherListener(): NetServer {
    const listener = createListener({ allowHalfOpen: true, noDelay: true }, (connection) =>
      this.serve(connection),
    );
    this.#otherListeners.push(listener);
    return listener;
  }

  /** Serves a connection that is there already. */
  serve(connection: Duplex): void {
    this.#server.emit('connection', connection);
  }

  /** Serves connections that it is given, see {@link connections}, and does not listen. */
  protected open(): void {
    this.#server.emit('listening'); // looks for connections that are too slow from then on
  }

  /** Calls back for each connection that has come and was admitted, before anything of it is read. */
  protected onConnection(take: (socket: Socket) => void): void {
    this.#server.on('connection', (socket) => {
      if (!socket.destroyed) take(socket);
    });
  }

  /** So many requests have come that others answer. */
  protected noteRequests(count: number): void {
    this.#quiet?.note(count);
  }

  /** To be called again and again while there is more than this server to serve with. */
  protected keepBusy(): void {
    this.#quiet?.keepBusy();
  }

  /** Called when the server drains, for what others have of it. */
  protected async drainOthers(): Promise<void> {}

  /**
   * Takes no new connections, lets the requests that are here finish, and resolves when all are
   * gone; cuts what is left when `signal` aborts.
   */
  async drain(options: DrainOptions = {}): Promise<void> {
    await takeWaitingConnections(this.#server);
    // Not before: clients that are told of the end would connect anew while this server listens.
    this.#draining = true;
    for (const { response } of this.#running.all) response.shouldKeepAlive = false;
    const listeners = [this.#server, ...this.#otherListeners];
    const parts = { listeners, connections: this.connections };
    await drainServer(this.#server, parts, { ...options, others: this.drainOthers() });
  }

  #accept(request: IncomingMessage, response: ServerResponse): void {
    if (this.#refused?.has(request.socket)) return; // what is behind a request that was refused
    this.#quiet?.note();
    if (mayBeFollowed(request)) response.shouldKeepAlive = false;
    if (this.#init.onRequest !== undefined) this.#record(request, response);
    if (isAmbiguous(request)) {
      this.#refuseConnection(request);
      response.writeHead(400, ['content-length', '0', 'connection', 'close']).end();
    } else if (this.#isTooLarge(request)) {
      this.#refuseConnection(request);
      refuseBody(request, response);
    } else {
      this.#order.begin(() => this.#admit(request, response));
    }
  }

  #admit(request: IncomingMessage, response: ServerResponse): void {
    if (this.#turns.admit(() => void this.#start(request, response))) return;
    response.writeHead(503, ['content-length', '0', 'retry-after', '1']).end();
  }

  #refuseConnection({ socket }: IncomingMessage): void {
    this.#refused ??= new WeakSet();
    this.#refused.add(socket);
  }

  #isTooLarge({ headers }: IncomingMessage): boolean {
    const length = headers['content-length'];
    return length !== undefined && Number(length) > this.#init.maximumBodySize;
  }

  /** Without an answer of ours Node closes the connection, as if the container had failed. */
  #refuseTunnel({ method = '', url: path = '' }: IncomingMessage, socket: Duplex): void {
    const status = 501;
    this.#init.onRequest?.({ method, path, status, milliseconds: 0 });
    socket.on('error', () => socket.destroy()); // Node is done with this connection
    const head = `HTTP/1.1 ${status} ${STATUS_CODES[status]}`;
    socket.end(`${head}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n`, () => socket.destroy());
  }

  async #start(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!response.destroyed) {
      if (this.#draining) response.shouldKeepAlive = false;
      const exchange = this.#running.begin(request, response);
      await this.#answer(exchange);
      this.#running.end(exchange);
      if (!request.complete) discardRest(request);
    }
    this.#turns.end();
  }

  #record(request: IncomingMessage, response: ServerResponse): void {
    const start = performance.now();
    response.once('close', () =>
      this.#init.onRequest?.({
        method: request.method ?? '',
        path: request.url ?? '',
        status: response.headersSent ? response.statusCode : undefined,
        milliseconds: performance.now() - start,
      }),
    );
  }
}

/**
 * Reads and forgets what nobody wanted of a body, as Node does where nobody began to read: the next
 * request of the connection is behind it.
 */
function discardRest(request: IncomingMessage): void {
  request.removeAllListeners('readable'); // while it has such a listener, it does not flow
  request.resume();
}

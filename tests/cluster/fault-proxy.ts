import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import type { ClusterAccess } from '../../src/kubernetes/connection/cluster-access.ts';

/** What the proxy answers in the API server's place; `undefined` lets the request pass. */
export type Fault = (method: string, url: string) => number | undefined;

/** Stands between a client and an API server, as the client's user, and answers some requests itself. */
export class FaultProxy implements AsyncDisposable {
  /** What goes wrong now. */
  fault: Fault = () => undefined;
  /** How many requests of each method were let through or answered. */
  readonly requests = new Map<string, number>();
  readonly #target: ClusterAccess;
  readonly #server = http.createServer((request, response) => this.#serve(request, response));

  static async start(target: ClusterAccess): Promise<FaultProxy> {
    const proxy = new FaultProxy(target);
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  constructor(target: ClusterAccess) {
    this.#target = target;
  }

  /** The API server through the proxy; it needs no credentials, which are the proxy's. */
  get access(): ClusterAccess {
    const address = this.#server.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    return { server: `http://127.0.0.1:${port}`, identity: {} };
  }

  /** Breaks every connection there is, watches among them. */
  hangUp(): void {
    this.#server.closeAllConnections();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await once(this.#server.close(), 'close');
  }

  #serve(request: http.IncomingMessage, response: http.ServerResponse): void {
    const { method = 'GET', url = '/' } = request;
    this.requests.set(method, (this.requests.get(method) ?? 0) + 1);
    const status = this.fault(method, url);
    if (status === undefined) this.#forward(request, response);
    else request.resume().on('end', () => answer(response, status));
  }

  #forward(request: http.IncomingMessage, response: http.ServerResponse): void {
    const { server, certificateAuthority, identity } = this.#target;
    const { method, url = '/', headers } = request;
    const options: https.RequestOptions = {
      method,
      headers: { ...headers, host: new URL(server).host },
      ca: certificateAuthority,
      cert: identity.clientCertificate?.certificate,
      key: identity.clientCertificate?.key,
    };
    const forwarded = https.request(new URL(url, server), options, (answered) => {
      response.writeHead(answered.statusCode ?? 502, answered.headers);
      answered.pipe(response);
      answered.on('error', () => response.destroy());
    });
    forwarded.on('error', () => response.destroy());
    response.on('close', () => forwarded.destroy());
    request.pipe(forwarded);
  }
}

const reasons: Readonly<Record<number, string>> = {
  409: 'Conflict',
  410: 'Expired',
  429: 'TooManyRequests',
  500: 'InternalError',
};

function answer(response: http.ServerResponse, code: number): void {
  const body = {
    kind: 'Status',
    status: 'Failure',
    code,
    reason: reasons[code],
    message: 'a fault',
  };
  const headers = code === 429 ? { 'retry-after': '1' } : {};
  response.writeHead(code, headers).end(JSON.stringify(body));
}

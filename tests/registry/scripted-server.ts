import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';

/** What a server does with a request; `false` leaves it unanswered for the default, a 404. */
export type Script = (request: IncomingMessage, response: ServerResponse) => unknown;

/** A server that does whatever a test tells it, and remembers what it was asked. */
export class ScriptedServer implements AsyncDisposable {
  /** `127.0.0.1:port`. */
  readonly host: string;
  readonly requests: { method: string; url: string; headers: IncomingMessage['headers'] }[] = [];
  readonly #server: Server;

  constructor(server: Server, script: Script) {
    const { port } = server.address() as AddressInfo;
    this.host = `127.0.0.1:${port}`;
    this.#server = server;
    server.on('request', (request, response) => {
      const { method = '', url = '', headers } = request;
      this.requests.push({ method, url, headers });
      if (script(request, response) === false) response.writeHead(404).end();
    });
  }

  static async start(
    script: Script,
    tls?: { readonly key: string; readonly cert: string },
  ): Promise<ScriptedServer> {
    const server = tls === undefined ? createServer() : createTlsServer(tls);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new ScriptedServer(server, script);
  }

  /** Paths that were asked for, without the probes. */
  paths(method?: string): string[] {
    const asked = this.requests.filter((request) => request.url !== '/v2/');
    const wanted = asked.filter((request) => method === undefined || request.method === method);
    return wanted.map(({ url }) => url);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

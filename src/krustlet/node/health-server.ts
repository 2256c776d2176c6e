import { once } from 'node:events';
import type { Server, ServerResponse } from 'node:http';
import { http } from '../../kubelet/plain-http.ts';
import { messageOf } from '../../kubernetes/message-of.ts';

/** Answers `/healthz` on loopback without asking who wants to know, as stock kubelets do. */
export class HealthServer implements AsyncDisposable {
  readonly #server: Server;

  /** @param check throws where the node is not well */
  constructor(check: () => void) {
    this.#server = http.createServer(
      { headersTimeout: 5_000, requestTimeout: 5_000 },
      (request, response) => {
        const path = request.url?.split('?', 1)[0];
        if (path !== '/healthz' && path !== '/healthz/ping') {
          response.writeHead(404).end('404 page not found\n');
          return;
        }
        answer(response, path === '/healthz' ? check : () => undefined);
      },
    );
    this.#server.maxConnections = 64;
  }

  async listen(port: number): Promise<void> {
    this.#server.listen({ host: '127.0.0.1', port });
    await once(this.#server, 'listening');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }
}

function answer(response: ServerResponse, check: () => void): void {
  try {
    check();
    response.writeHead(200, { 'content-type': 'text/plain' }).end('ok');
  } catch (error) {
    const detail = messageOf(error);
    response.writeHead(500, { 'content-type': 'text/plain' }).end(`${detail}\n`);
  }
}

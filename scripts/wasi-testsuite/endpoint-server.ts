import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import type { Endpoint, ServerSpecification } from './specification.ts';

/** A server that tests send requests to. */
export class EndpointServer implements AsyncDisposable {
  readonly #endpoints: readonly Endpoint[];
  readonly #server = createServer((request, response) => {
    this.#answer(request, response).catch((cause: unknown) => response.destroy(asError(cause)));
  });

  constructor({ endpoints = [] }: ServerSpecification) {
    this.#endpoints = endpoints;
  }

  /** @returns where it listens */
  async listen(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    const { port } = this.#server.address() as AddressInfo;
    return `127.0.0.1:${port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await buffer(request);
    const endpoint = this.#endpoints.find(
      ({ method, path }) => method === request.method && path === request.url,
    );
    response.setHeader('connection', 'close');
    if (endpoint === undefined) response.writeHead(404).end();
    else if (endpoint.mode === 'echo-body') response.end(body);
    else if (endpoint.mode === 'echo-headers') response.writeHead(200, echoed(request)).end();
    else answerAsSpecified(response, endpoint);
  }
}

function answerAsSpecified(response: ServerResponse, { response: specified }: Endpoint): void {
  const { status = 200, headers = {}, body = '', chunks, trailers = {} } = specified ?? {};
  const names = Object.keys(trailers);
  if (names.length > 0) response.setHeader('trailer', names.join(', '));
  response.writeHead(status, { ...headers });
  for (const chunk of chunks ?? []) response.write(chunk);
  response.addTrailers({ ...trailers });
  response.end(chunks === undefined ? body : undefined);
}

function echoed(request: IncomingMessage): string[] {
  const pairs = (raw: readonly string[], prefix: string) =>
    raw.map((text, index) => (index % 2 === 0 ? `${prefix}${text.toLowerCase()}` : text));
  const { method = '', url = '', rawHeaders, rawTrailers } = request;
  return [
    ...['x-request-method', method, 'x-request-path', url],
    ...pairs(rawHeaders, 'x-echo-'),
    ...pairs(rawTrailers, 'x-trailer-'),
  ];
}

function asError(cause: unknown): Error {
  return cause instanceof Error ? cause : new Error(String(cause));
}

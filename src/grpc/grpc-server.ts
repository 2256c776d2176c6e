import { chmod, mkdir, rm } from 'node:fs/promises';
import {
  createServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import path from 'node:path';
import { frameOf, messagesOf } from './frames.ts';
import { GrpcError, grpcCodes } from './grpc-error.ts';
import type { Method } from './method.ts';

/** A method that is served: see `serve` and `serveStream`. */
export interface ServedMethod {
  readonly path: string;
  answer(request: Uint8Array, signal: AbortSignal): AsyncIterable<Uint8Array>;
}

/** Serves a method that answers once. */
export function serve<Request, Response>(
  method: Method<Request, Response>,
  answer: (request: Request) => Partial<Response> | Promise<Partial<Response>>,
): ServedMethod {
  return serveStream(method, async function* (request) {
    yield await answer(request);
  });
}

/** Serves a method that answers any number of times, until the signal aborts at the latest. */
export function serveStream<Request, Response>(
  { path: at, request: requestType, response: responseType }: Method<Request, Response>,
  answers: (request: Request, signal: AbortSignal) => AsyncIterable<Partial<Response>>,
): ServedMethod {
  return {
    path: at,
    async *answer(request, signal) {
      for await (const each of answers(requestType.decode(request), signal)) {
        yield responseType.encode(each);
      }
    },
  };
}

/** A gRPC server on a Unix socket, for methods with one request. */
export class GrpcServer implements AsyncDisposable {
  readonly #methods: ReadonlyMap<string, ServedMethod>;
  readonly #server: Http2Server;
  readonly #sessions = new Set<ServerHttp2Session>();

  constructor(methods: readonly ServedMethod[]) {
    this.#methods = new Map(methods.map((method) => [method.path, method]));
    this.#server = createServer({ settings: { maxConcurrentStreams: 100 } });
    // A connection that cannot be accepted, as when there are too many files, is lost, and no more.
    this.#server.on('error', () => undefined);
    this.#server.on('session', (session) => {
      this.#sessions.add(session);
      session.on('close', () => this.#sessions.delete(session));
      session.on('error', () => session.destroy());
      session.on('stream', (stream, headers) => void this.#answer(stream, headers));
    });
  }

  /** Listens on a socket of its own; one that an earlier life left is replaced. */
  async listen(socket: string): Promise<void> {
    await mkdir(path.dirname(socket), { recursive: true, mode: 0o750 });
    await rm(socket, { force: true });
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#server.once('error', reject);
    this.#server.listen(socket, resolve);
    await promise;
    this.#server.off('error', reject);
    await chmod(socket, 0o600);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#server.close(() => resolve());
    for (const session of this.#sessions) session.destroy();
    await promise;
  }

  async #answer(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): Promise<void> {
    const over = new AbortController();
    stream.on('close', () => over.abort());
    stream.on('error', () => over.abort());
    try {
      const method = this.#methods.get(String(headers[':path']));
      if (method === undefined) {
        throw new GrpcError(grpcCodes.unimplemented, `unknown method ${headers[':path']}`);
      }
      // To have read the request is not to be done with the stream.
      const received = stream.iterator({ destroyOnReturn: false });
      const request = await firstOf(messagesOf(received));
      for await (const answer of method.answer(request, over.signal)) send(stream, answer);
      finish(stream, grpcCodes.ok, '');
    } catch (error) {
      const code = error instanceof GrpcError ? error.code : grpcCodes.unknown;
      finish(stream, code, error instanceof Error ? error.message : String(error));
    }
  }
}

async function firstOf(messages: AsyncIterable<Buffer>): Promise<Buffer> {
  for await (const first of messages) return first;
  throw new GrpcError(grpcCodes.internal, 'reading the request failed: there is none');
}

function send(stream: ServerHttp2Stream, answer: Uint8Array): void {
  open(stream);
  if (!stream.destroyed) stream.write(frameOf(answer));
}

function open(stream: ServerHttp2Stream): void {
  if (stream.destroyed || stream.headersSent) return;
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
}

function finish(stream: ServerHttp2Stream, code: number, message: string): void {
  if (stream.destroyed) return;
  stream.once('wantTrailers', () => {
    stream.sendTrailers({
      'grpc-status': String(code),
      ...(message === '' ? {} : { 'grpc-message': encodeURIComponent(message) }),
    });
  });
  open(stream);
  stream.end();
}

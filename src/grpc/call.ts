import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect as connectHttp2,
  constants,
  type IncomingHttpHeaders,
} from 'node:http2';
import { connect, type NetConnectOpts } from 'node:net';
import { frameOf, messagesOf } from './frames.ts';
import { GrpcError, grpcCodes } from './grpc-error.ts';
import type { Method } from './method.ts';

/** Whom to call: a path of a Unix socket, or host and port. */
export type GrpcAddress = NetConnectOpts;

export interface CallOptions {
  /** Ends the call. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds after which the call has failed. @default none */
  readonly timeout?: number;
  /** Said in the request. @default nothing */
  readonly userAgent?: string;
}

/**
 * Calls a method that answers once. Each call has a connection of its own, so that no call can
 * harm another.
 *
 * @throws {GrpcError} where it fails, or its time is over
 */
export async function call<Request, Response>(
  address: GrpcAddress,
  method: Method<Request, Response>,
  request: Partial<Request>,
  options: CallOptions = {},
): Promise<Response> {
  const responses: Response[] = [];
  for await (const response of callStream(address, method, request, options)) {
    responses.push(response);
    if (responses.length > 1) break;
  }
  const [response] = responses;
  if (response !== undefined && responses.length === 1) return response;
  throw new GrpcError(grpcCodes.internal, `calling ${method.path} failed: not one answer came`);
}

/** Calls a method that answers any number of times, until it ends or the signal aborts. */
export async function* callStream<Request, Response>(
  address: GrpcAddress,
  { path, request: requestType, response: responseType }: Method<Request, Response>,
  request: Partial<Request>,
  { signal, timeout, userAgent }: CallOptions = {},
): AsyncGenerator<Response> {
  signal?.throwIfAborted();
  const deadline = timeout === undefined ? undefined : AbortSignal.timeout(timeout);
  const over = AbortSignal.any([signal, deadline].filter((each) => each !== undefined));
  const session = openSession(address);
  const failure = Promise.withResolvers<never>();
  failure.promise.catch(() => undefined); // it may come when nobody waits any more
  session.on('error', failure.reject);
  const end = () => session.destroy();
  over.addEventListener('abort', end, { once: true });
  try {
    const stream = session.request({
      [constants.HTTP2_HEADER_METHOD]: 'POST',
      [constants.HTTP2_HEADER_PATH]: path,
      'content-type': 'application/grpc',
      te: 'trailers',
      ...(timeout === undefined ? {} : { 'grpc-timeout': `${Math.ceil(timeout)}m` }),
      ...(userAgent === undefined ? {} : { 'user-agent': userAgent }),
    });
    stream.on('error', () => undefined); // reading it fails, unless nobody reads any more
    const ended = endOf(stream);
    stream.end(frameOf(requestType.encode(request)));
    for await (const message of messagesOf(stream)) yield responseType.decode(message);
    checkStatus(ended(), path);
  } catch (error) {
    signal?.throwIfAborted();
    throw describe(await reasonOf(error, session.destroyed, failure.promise), path, deadline);
  } finally {
    over.removeEventListener('abort', end);
    session.destroy();
  }
}

function openSession(address: GrpcAddress): ClientHttp2Session {
  const session = connectHttp2(originOf(address), {
    createConnection: () => connect(address),
    settings: { enablePush: false },
  });
  // Until it has read the settings, or without regard to them, a server may push all the same.
  session.on('stream', (pushed) => {
    pushed.on('error', () => undefined);
    pushed.close(constants.NGHTTP2_REFUSED_STREAM);
  });
  return session;
}

function originOf(address: GrpcAddress): string {
  if ('path' in address) return 'http://localhost';
  const { host = 'localhost', port } = address;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** Remembers the headers that say how a call ended: the last, where there are two. */
function endOf(stream: ClientHttp2Stream): () => IncomingHttpHeaders {
  let last: IncomingHttpHeaders = {};
  stream.on('response', (headers) => {
    last = headers;
  });
  stream.on('trailers', (headers) => {
    last = headers;
  });
  return () => last;
}

function checkStatus(headers: IncomingHttpHeaders, path: string): void {
  const status = headers['grpc-status'];
  if (status === '0') return;
  if (headers[':status'] === undefined && status === undefined) {
    throw new GrpcError(grpcCodes.unavailable, `calling ${path} failed: the connection was closed`);
  }
  const code = /^\d{1,2}$/.test(String(status)) ? Number(status) : grpcCodes.unknown;
  const said = String(headers['grpc-message'] ?? '');
  throw new GrpcError(
    code,
    said === '' ? `calling ${path} failed: no reason given` : unescaped(said),
  );
}

/** Where the connection failed, its reason says more than that the stream ended early. */
async function reasonOf(
  error: unknown,
  isGone: boolean,
  failure: Promise<never>,
): Promise<unknown> {
  if (!isGone || error instanceof GrpcError) return error;
  return Promise.race([failure, Promise.resolve(error)]).catch((reason) => reason);
}

function describe(error: unknown, path: string, deadline: AbortSignal | undefined): GrpcError {
  if (deadline?.aborted) {
    const message = `calling ${path} failed: no answer came in time`;
    return new GrpcError(grpcCodes.deadlineExceeded, message, { cause: error });
  }
  if (error instanceof GrpcError) return error;
  const why = error instanceof Error ? error.message : String(error);
  return new GrpcError(grpcCodes.unavailable, `calling ${path} failed: ${why}`, { cause: error });
}

/** Messages are percent-encoded where they have more than plain ASCII. */
function unescaped(message: string): string {
  try {
    return decodeURIComponent(message);
  } catch {
    return message;
  }
}

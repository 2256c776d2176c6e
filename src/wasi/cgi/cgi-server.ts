import type { IncomingMessage } from 'node:http';
import { addAbortSignal } from 'node:stream';
import { RequestServer, type RequestServerInit } from '../component/http/request-server.ts';
import type { Exchange } from '../component/http/running-exchanges.ts';
import { serverDefaults } from '../component/http/server-defaults.ts';
import type { CgiProgram } from './cgi-program.ts';
import type { CgiRequest } from './request-variables.ts';
import { TimeLimitError } from './time-limit.ts';

/** A body that is larger than it may be. */
class BodyTooLarge extends Error {
  override readonly name = 'BodyTooLarge';
}

/** Serves HTTP with a command: one request after the other, each body read before the command runs. */
export class CgiServer extends RequestServer {
  constructor({ program }: { readonly program: CgiProgram }, init: RequestServerInit = {}) {
    const { maximumBodySize, requestTimeout } = { ...serverDefaults, ...init };
    const answer = async ({ request, response }: Exchange): Promise<void> => {
      try {
        const body = await bodyOf(request, maximumBodySize, requestTimeout);
        const { status, headers, body: bytes } = program.answer(requestOf(request, body), body);
        const length =
          status === 204 || status === 304 ? [] : ['content-length', `${bytes.length}`];
        response.writeHead(status, [...headers, ...length]).end(bytes);
      } catch (failure) {
        if (response.destroyed) return;
        const status = statusOf(failure);
        if (status >= 500) init.onFailure?.(failure, request);
        response.shouldKeepAlive &&= status !== 413;
        response.writeHead(status, ['content-length', '0']).end();
      }
    };
    super({ answer }, init);
  }
}

/** A body that comes too slowly ends the connection: it would hold back the others. */
async function bodyOf(request: IncomingMessage, limit: number, timeout: number): Promise<Buffer> {
  addAbortSignal(AbortSignal.timeout(timeout), request);
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of request) {
    length += part.length;
    if (length > limit) throw new BodyTooLarge(`The body has more than ${limit} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts);
}

function requestOf(request: IncomingMessage, body: Buffer): CgiRequest {
  const { headers, httpVersion, method = 'GET', socket, url = '/' } = request;
  const hasBody = headers['content-length'] !== undefined || body.length > 0;
  return {
    method,
    target: url,
    protocol: `HTTP/${httpVersion}`,
    headers,
    contentLength: hasBody ? body.length : undefined,
    remoteAddress: socket.remoteAddress ?? '',
    localPort: socket.localPort ?? 0,
  };
}

function statusOf(failure: unknown): number {
  if (failure instanceof BodyTooLarge) return 413;
  if (failure instanceof URIError) return 400;
  return isTimeLimit(failure) ? 504 : 500;
}

/** A wait that was cut short comes through the guest, as a trap that it caused. */
function isTimeLimit(failure: unknown): boolean {
  if (failure instanceof TimeLimitError) return true;
  return failure instanceof Error && failure.cause instanceof TimeLimitError;
}

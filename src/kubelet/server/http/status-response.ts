import type { ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { HttpError } from './http-error.ts';

export interface StatusAnswer {
  readonly code: number;
  /** The Status as JSON. */
  readonly body: string;
  readonly message: string;
}

/** The Status object that an error is answered with; what is not ours to tell stays in the log. */
function statusOf(error: unknown): StatusAnswer {
  const known =
    error instanceof HttpError ? error : new HttpError('InternalError', 'serve request: failed');
  const body = {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: known.message,
    reason: known.code,
    code: known.status,
  };
  return { code: known.status, body: `${JSON.stringify(body)}\n`, message: known.message };
}

/**
 * Answers a request with a Status; cuts the connection where the answer had begun already. Who
 * names nothing that he accepts gets the message alone: the API server does not when it fetches a
 * log, and shows the body to the user of kubectl as it is.
 */
export function respondWithStatus(response: ServerResponse, error: unknown): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const { code, body, message } = statusOf(error);
  if (response.req.headers.accept === undefined) {
    response.writeHead(code, { 'content-type': 'text/plain; charset=utf-8' }).end(`${message}\n`);
  } else {
    response.writeHead(code, { 'content-type': 'application/json' }).end(body);
  }
}

/** Answers an upgrade that is not granted, and ends the connection. */
export function refuseUpgrade(socket: Duplex, error: unknown): void {
  const { code, body } = statusOf(error);
  socket.end(
    `HTTP/1.1 ${code} ${error instanceof HttpError ? error.code : 'InternalError'}\r\n` +
      'Content-Type: application/json\r\nConnection: close\r\n' +
      `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}

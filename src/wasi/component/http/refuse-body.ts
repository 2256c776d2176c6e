import type { IncomingMessage, ServerResponse } from 'node:http';

/** Milliseconds in which a client may find the answer, while what it sends is read and forgotten. */
const longestSending = 2_000;

/**
 * Answers 413 before the body of a request, and closes the connection. Not at once, where the body is on
 * its way: a connection that is closed with bytes unread is reset, and the answer is lost.
 */
export function refuseBody(request: IncomingMessage, response: ServerResponse): void {
  response.writeHead(413, ['content-length', '0', 'connection', 'close']);
  if (request.headers.expect !== undefined) {
    response.end(); // who asked first does not send it
    return;
  }
  response.flushHeaders();
  const end = () => {
    clearTimeout(timer);
    response.end();
  };
  const timer = setTimeout(end, longestSending);
  request.once('close', end).resume();
}

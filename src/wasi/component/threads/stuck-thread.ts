import { Socket } from 'node:net';
import { waitingFor } from './request-marks.ts';
import type { ThreadClient } from './thread-client.ts';

/** Milliseconds in which a client may read what was said to it last. */
const lastWordTime = 1_000;

const reasons = { 500: 'Internal Server Error', 504: 'Gateway Timeout' };

export interface EndStuckThreadComponents {
  readonly seize: (fd: number) => number;
  /** Has another serve a connection. */
  readonly serve: (fd: number) => void;
}

/**
 * Ends a thread whose guest computes on: who waits there for an answer is told that none will come, and
 * connections without a request go elsewhere.
 *
 * @param init.timeout milliseconds that a request may take
 */
export function endStuckThread(
  thread: ThreadClient,
  { seize, serve }: EndStuckThreadComponents,
  init: { readonly timeout: number },
): void {
  const { begun } = thread.memory;
  for (const fd of thread.descriptors) {
    const status = waitingFor(begun, fd, init);
    const other = status === 'nothing to be said' ? -1 : seize(fd);
    if (other < 0) continue; // is closed with the thread, or comes back from it unseen
    if (typeof status === 'number') say(other, status);
    else serve(other);
  }
  void thread.terminate();
}

function say(fd: number, status: 500 | 504): void {
  const socket = new Socket({ fd, readable: true, writable: true });
  socket.on('error', () => undefined); // the client has gone, or goes on sending: it was told
  socket.setTimeout(lastWordTime, () => socket.destroy());
  socket.resume();
  socket.end(
    `HTTP/1.1 ${status} ${reasons[status]}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`,
  );
}

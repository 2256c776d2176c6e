import { once } from 'node:events';
import type { Server } from 'node:http';
import { Server as NetServer } from 'node:net';
import { setImmediate, setTimeout as sleep } from 'node:timers/promises';

/**
 * Milliseconds in which connections that are idle may bring one more request: its response tells the
 * client to close. Closed at once, a request that is on its way would be lost.
 */
const linger = 200;

/**
 * Takes no new connections, lets the requests that are here finish, and resolves when all
 * connections are gone; cuts what is left when `signal` aborts. From now on responses must say
 * `close`.
 */
export async function drainServer(
  server: Server,
  { signal }: { readonly signal?: AbortSignal } = {},
): Promise<void> {
  const closed = once(server, 'close');
  const cut = () => server.closeAllConnections();
  signal?.addEventListener('abort', cut, { once: true });
  for (let turn = 0; turn < 2; turn++) await setImmediate(); // takes those that the kernel has made
  // Not that of HTTP servers, which also closes the idle connections.
  NetServer.prototype.close.call(server);
  if (signal?.aborted) cut();
  await closeIdleConnections(server, closed);
  server.close(() => {}); // ends its timer; that it listens no more is no error
  signal?.removeEventListener('abort', cut);
}

/** Until none is left: one becomes idle whose response began before all this. */
async function closeIdleConnections(server: Server, closed: Promise<unknown>): Promise<void> {
  const late = new AbortController();
  const pause = () => sleep(linger, 'again', { signal: late.signal });
  while ((await Promise.race([closed, pause()])) === 'again') server.closeIdleConnections();
  late.abort();
}

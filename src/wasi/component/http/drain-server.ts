import { once } from 'node:events';
import type { Server } from 'node:http';
import { Server as NetServer } from 'node:net';
import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import type { OpenConnections } from './open-connections.ts';

export interface DrainOptions {
  /** Cuts what is left when it aborts. */
  readonly signal?: AbortSignal;
  /**
   * Milliseconds in which connections that are idle may bring one more request: its response tells
   * the client to close. Closed at once, a request that is on its way would be lost. @default 200
   */
  readonly linger?: number;
  /** Resolves when no other server gives connections to this one any more. */
  readonly others?: Promise<void>;
}

export interface DrainedParts {
  /** The server, and what else accepts connections for it. */
  readonly listeners: readonly NetServer[];
  readonly connections: OpenConnections;
}

/** Milliseconds in which connections that came from another server may bring a request. */
const lingerUnused = 1000;
/** New ones may come as fast as they are taken: somewhere there has to be an end. */
const mostWaiting = 1024;

/**
 * Lets the event loop accept the connections that the kernel has made: closing the listening socket
 * would reset them. Each round takes one; the first without any is the last.
 */
export async function takeWaitingConnections(server: Server): Promise<void> {
  let hasCome = true;
  const note = () => {
    hasCome = true;
  };
  server.on('connection', note);
  for (let rounds = 0; hasCome && rounds < mostWaiting; rounds += 1) {
    hasCome = false;
    // The first may be of the round that has begun.
    await setImmediate();
    await setImmediate();
  }
  server.off('connection', note);
}

/**
 * Takes no new connections, lets the requests that are here finish, and resolves when all
 * connections are gone; cuts what is left when `signal` aborts. From now on responses must say
 * `close`.
 */
export async function drainServer(
  server: Server,
  { listeners, connections }: DrainedParts,
  { signal, linger = 200, others = Promise.resolve() }: DrainOptions = {},
): Promise<void> {
  const ends = listeners.map((listener) => once(listener, 'close'));
  const closed = Promise.all([...ends, others.then(() => connections.closed())]);
  const cut = () => server.closeAllConnections();
  signal?.addEventListener('abort', cut, { once: true });
  // Not that of HTTP servers, which also closes the idle connections.
  for (const listener of listeners) NetServer.prototype.close.call(listener);
  if (signal?.aborted) cut();
  const closeIdle = () => {
    server.closeIdleConnections();
    connections.closeUnused(lingerUnused);
  };
  await repeatUntil(closed, closeIdle, linger);
  server.close(() => {}); // ends its timer; that it listens no more is no error
  signal?.removeEventListener('abort', cut);
}

/** Until none is left: one becomes idle whose response began before all this. */
async function repeatUntil(
  closed: Promise<unknown>,
  closeIdle: () => void,
  linger: number,
): Promise<void> {
  const late = new AbortController();
  const pause = () => sleep(linger, 'again', { signal: late.signal });
  while ((await Promise.race([closed, pause()])) === 'again') closeIdle();
  late.abort();
}

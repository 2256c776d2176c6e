import type { Server } from 'node:net';
import type { OpenConnections } from './open-connections.ts';

/** The most connections that are taken in one round of the event loop, beside Node's own. */
const mostAtOnce = 64;

/**
 * Has the connections taken that wait at a listening socket whenever Node has taken one. The event loop accepts
 * one in each of its rounds, and answers all requests that are here before the next: of a hundred clients
 * that come at once, the last would wait for a hundred rounds.
 *
 * @param accept takes one: a descriptor, or a negative number where none can be taken
 */
export function takeAllWaiting(
  server: Server,
  connections: OpenConnections,
  accept: () => number,
): void {
  let isTaking = false;
  server.on('connection', () => {
    if (isTaking) return; // told of a connection that was taken here
    isTaking = true;
    for (let taken = 0; taken < mostAtOnce; taken++) {
      const fd = accept();
      if (fd < 0) break;
      connections.adopt(fd);
    }
    isTaking = false;
  });
}

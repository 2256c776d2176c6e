import type { Server } from 'node:http';
import { Socket } from 'node:net';

/** The most connections that are taken in one round of the event loop, beside Node's own. */
const mostAtOnce = 64;

/**
 * Takes the connections that wait at a listening socket whenever Node has taken one. The event loop accepts
 * one in each of its rounds, and answers all requests that are here before the next: of a hundred clients
 * that come at once, the last would wait for a hundred rounds.
 */
export class WaitingConnections {
  readonly #server: Server;
  readonly #accept: () => number;
  readonly #open = new Set<Socket>();
  #isTaking = false;

  /** @param accept takes one: a descriptor, or a negative number where none can be taken */
  constructor(server: Server, accept: () => number) {
    this.#server = server;
    this.#accept = accept;
    server.on('connection', () => this.#take());
  }

  /** Resolves when none of those is open that were taken here: the server does not count them. */
  async closed(): Promise<void> {
    while (this.#open.size > 0) {
      await Promise.all([...this.#open].map((socket) => closing(socket)));
    }
  }

  #take(): void {
    if (this.#isTaking) return; // told of a connection that was taken here
    this.#isTaking = true;
    for (let taken = 0; taken < mostAtOnce; taken++) {
      const fd = this.#accept();
      if (fd < 0) break;
      this.#serve(fd);
    }
    this.#isTaking = false;
  }

  #serve(fd: number): void {
    const socket = new Socket({ fd, allowHalfOpen: true, readable: true, writable: true });
    socket.setNoDelay(true);
    this.#open.add(socket);
    socket.once('close', () => this.#open.delete(socket));
    this.#server.emit('connection', socket);
  }
}

function closing(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.once('close', () => resolve()));
}

import type { Socket } from 'node:net';

export interface StrangersInit {
  /** Most of them at once. @default 512 */
  readonly most?: number;
  /** Most of them from one address. @default 256 */
  readonly mostOfPeer?: number;
}

/**
 * The connections whose client has not been let in yet. There are only so many: one more closes
 * the oldest of the address that has most, so that a client who is about to prove himself is the
 * last to be closed for others who never will.
 */
export class Strangers {
  readonly #most: number;
  readonly #mostOfPeer: number;
  readonly #byPeer = new Map<string, Map<string, Socket>>();
  #count = 0;

  constructor({ most = 512, mostOfPeer = 256 }: StrangersInit = {}) {
    this.#most = most;
    this.#mostOfPeer = mostOfPeer;
  }

  get count(): number {
    return this.#count;
  }

  /** A connection was made. */
  add(socket: Socket): void {
    const { remoteAddress: peer, remotePort: port } = socket;
    if (peer === undefined) return; // it is gone already
    const sockets = this.#byPeer.get(peer) ?? new Map<string, Socket>();
    this.#byPeer.set(peer, sockets);
    sockets.set(String(port), socket);
    this.#count++;
    socket.once('close', () => this.#remove(peer, String(port), socket));
    if (sockets.size > this.#mostOfPeer) this.#closeOldest(peer, sockets);
    else if (this.#count > this.#most) this.#closeOldest(...this.#largest());
  }

  /** A client was let in; `socket` may be what carries TLS over the connection. */
  letIn({ remoteAddress, remotePort }: Pick<Socket, 'remoteAddress' | 'remotePort'>): void {
    if (remoteAddress !== undefined) this.#remove(remoteAddress, String(remotePort));
  }

  #remove(peer: string, port: string, socket?: Socket): void {
    const sockets = this.#byPeer.get(peer);
    const found = sockets?.get(port);
    if (sockets === undefined || found === undefined) return;
    // The port may be another connection's by now.
    if (socket !== undefined && found !== socket) return;
    sockets.delete(port);
    this.#count--;
    if (sockets.size === 0) this.#byPeer.delete(peer);
  }

  #closeOldest(peer: string, sockets: ReadonlyMap<string, Socket>): void {
    const [oldest] = sockets;
    if (oldest === undefined) return;
    const [port, socket] = oldest;
    this.#remove(peer, port);
    socket.destroy();
  }

  #largest(): [peer: string, sockets: ReadonlyMap<string, Socket>] {
    const [first, ...others] = this.#byPeer;
    if (first === undefined) throw new Error('Cannot close a connection: there is none');
    return others.reduce((most, next) => (next[1].size > most[1].size ? next : most), first);
  }
}

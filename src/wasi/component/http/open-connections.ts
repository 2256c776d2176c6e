import type { Server } from 'node:http';
import { Socket } from 'node:net';

/** Milliseconds for which a connection that was moved may be idle: Node takes it for a new one. */
const longestUnused = 8_000;
/** How often idle connections are looked for that are to be given away, in milliseconds. */
const givingInterval = 10;

/** A socket of Node's, of which no documented property tells the descriptor. */
interface Described extends Socket {
  readonly _handle?: { readonly fd: number } | null;
}

/**
 * The connections that a server was given by their descriptors, and how it gives away those that it has:
 * another server, in another thread of this process, goes on with them.
 */
export class OpenConnections {
  readonly #server: Server;
  readonly #duplicate: ((fd: number) => number) | undefined;
  /** Since when it has them. */
  readonly #adopted = new Map<Socket, number>();
  /** Takes the idle connections while they are looked for. */
  #found: Socket[] | undefined;
  #giving: NodeJS.Timeout | undefined;

  /** @param duplicate makes another descriptor of a connection, or a negative number; without it none can be given away */
  constructor(server: Server, duplicate?: (fd: number) => number) {
    this.#server = server;
    this.#duplicate = duplicate;
    // Also where none is given away: V8 tells sockets by their properties, and containers share what it knows of these.
    server.prependListener('connection', this.#prepare);
  }

  /** Serves a connection that is there already. */
  adopt(fd: number): Socket {
    const socket = new Socket({ fd, allowHalfOpen: true, readable: true, writable: true });
    socket.setNoDelay(true);
    this.#adopted.set(socket, performance.now());
    socket.once('close', () => this.#adopted.delete(socket));
    this.#server.emit('connection', socket);
    return socket;
  }

  /** Resolves when none of those is open that were adopted: the server does not count them. */
  async closed(): Promise<void> {
    while (this.#adopted.size > 0) {
      await Promise.all([...this.#adopted.keys()].map((socket) => closing(socket)));
    }
  }

  /**
   * Closes what was adopted and has brought nothing for so many milliseconds: an idle connection of another
   * server's.
   *
   * @returns how many may have to be closed later
   */
  closeUnused(longest = longestUnused): number {
    const latest = performance.now() - longest;
    let left = 0;
    for (const [socket, since] of this.#adopted) {
      if (socket.bytesRead > 0) continue;
      if (since <= latest) socket.destroy();
      else left += 1;
    }
    return left;
  }

  /** Gives away up to `most` connections, each when it is idle, until {@link stopGiving}. */
  give(most: number, take: (fd: number) => void): void {
    this.stopGiving();
    let left = most;
    const giveSome = () => {
      left -= this.#giveIdle(left, take);
      if (left <= 0) this.stopGiving();
    };
    this.#giving = setInterval(giveSome, givingInterval).unref();
    giveSome();
  }

  stopGiving(): void {
    clearInterval(this.#giving);
  }

  /** Gives away a connection that has just come, of which nothing has been read. */
  giveNew(socket: Socket, take: (fd: number) => void): void {
    if (this.#give(socket, take)) socket.destroy();
  }

  /**
   * Those first that have been used the most: they will be.
   *
   * @returns how many
   */
  #giveIdle(most: number, take: (fd: number) => void): number {
    let given = 0;
    for (const socket of this.#idle().toSorted((one, other) => other.bytesRead - one.bytesRead)) {
      if (given >= most) break;
      if (!this.#give(socket, take)) continue;
      socket.destroy();
      given += 1;
    }
    return given;
  }

  /** Those that have not begun to send a request, and are not about to be closed. */
  #idle(): readonly Socket[] {
    const found: Socket[] = [];
    this.#found = found;
    try {
      this.#server.closeIdleConnections();
    } finally {
      this.#found = undefined;
    }
    // One that is no longer writable is being closed, which its client waits for.
    return found.filter(({ writable, writableLength }) => writable && writableLength === 0);
  }

  #give(socket: Described, take: (fd: number) => void): boolean {
    const { fd = -1 } = socket._handle ?? {};
    const other = fd < 0 ? -1 : (this.#duplicate?.(fd) ?? -1);
    if (other < 0) return false;
    take(other);
    return true;
  }

  readonly #prepare = (socket: Socket): void => {
    const { destroy } = socket;
    socket.destroy = (failure) => {
      if (this.#found === undefined) return destroy.call(socket, failure);
      this.#found.push(socket);
      return socket;
    };
  };
}

function closing(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.once('close', () => resolve()));
}

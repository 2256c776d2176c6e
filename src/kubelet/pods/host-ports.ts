import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { HostPortConnections } from './host-port-connections.ts';
import type { Pod } from './schema/pod.ts';

/** A port of the node that leads to a port of a pod. */
interface HostPort {
  readonly hostIP: string;
  readonly hostPort: number;
  readonly containerPort: number;
}

export interface HostPortsComponents {
  /** Shared by all pods of a node. */
  readonly connections: HostPortConnections;
}

export interface HostPortsInit {
  readonly podIP: string;
  /** Milliseconds after which a connection on which nothing moves is closed. @default 4 hours */
  readonly idleTimeout?: number;
  /** Milliseconds in which the pod has to take a connection. @default 10 s */
  readonly connectTimeout?: number;
}

/** Forwards TCP from ports of the node, as containers' `hostPort`s ask for, to a pod's address. */
export class HostPorts implements AsyncDisposable {
  readonly #connections: HostPortConnections;
  readonly #podIP: string;
  readonly #idleTimeout: number;
  readonly #connectTimeout: number;
  readonly #servers: Server[] = [];
  readonly #sockets = new Set<Socket>();

  constructor({ connections }: HostPortsComponents, init: HostPortsInit) {
    this.#connections = connections;
    this.#podIP = init.podIP;
    this.#idleTimeout = init.idleTimeout ?? 4 * 60 * 60_000;
    this.#connectTimeout = init.connectTimeout ?? 10_000;
  }

  /**
   * Opens the ports that a pod asks for.
   *
   * @throws where a port is taken; none is open then
   */
  async open(pod: Pod): Promise<void> {
    try {
      for (const port of hostPortsOf(pod)) await this.#listen(port);
    } catch (error) {
      await this[Symbol.asyncDispose]();
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    const closing = this.#servers.splice(0).map((server) => once(server.close(), 'close'));
    await Promise.all(closing);
  }

  async #listen({ hostIP, hostPort, containerPort }: HostPort): Promise<void> {
    const server = createServer({ allowHalfOpen: true }, (client) =>
      this.#forward(client, containerPort),
    );
    server.maxConnections = this.#connections.mostOfPort;
    server.listen(hostPort, hostIP);
    await once(server, 'listening');
    // A connection that cannot be accepted is lost, and no more.
    server.on('error', () => undefined);
    this.#servers.push(server);
  }

  #forward(client: Socket, port: number): void {
    const connection = this.#connections.take();
    if (connection === undefined) {
      client.destroy();
      return;
    }
    const pod = connect({ host: this.#podIP, port, allowHalfOpen: true });
    const connecting = setTimeout(() => pod.destroy(), this.#connectTimeout);
    pod.once('connect', () => clearTimeout(connecting));
    let open = 2;
    const closed = (socket: Socket) => {
      this.#sockets.delete(socket);
      clearTimeout(connecting);
      open -= 1;
      if (open === 0) connection[Symbol.dispose]();
    };
    for (const [from, to] of [
      [client, pod],
      [pod, client],
    ] as const) {
      this.#sockets.add(from);
      from.setTimeout(this.#idleTimeout, () => from.destroy());
      // A side that went away, or a pod that does not listen: the other side sees it closed.
      from.once('error', () => to.destroy());
      from.once('close', () => {
        closed(from);
        to.destroySoon();
      });
      from.pipe(to);
    }
  }
}

/** A pod in the node's own network has its ports there already. */
function hostPortsOf({ spec }: Pod): readonly HostPort[] {
  if (spec.hostNetwork) return [];
  return [...spec.initContainers, ...spec.containers]
    .flatMap(({ ports }) => ports)
    .flatMap(({ protocol, hostPort = 0, hostIP = '0.0.0.0', containerPort }) =>
      hostPort > 0 && protocol === 'TCP' ? [{ hostIP, hostPort, containerPort }] : [],
    );
}

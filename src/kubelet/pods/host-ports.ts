import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { Pod } from './schema/pod.ts';

/** A port of the node that leads to a port of a pod. */
interface HostPort {
  readonly hostIP: string;
  readonly hostPort: number;
  readonly containerPort: number;
}

/** Forwards TCP from ports of the node, as containers' `hostPort`s ask for, to a pod's address. */
export class HostPorts implements AsyncDisposable {
  readonly #podIP: string;
  readonly #servers: Server[] = [];
  readonly #sockets = new Set<Socket>();

  constructor(podIP: string) {
    this.#podIP = podIP;
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
    server.listen(hostPort, hostIP);
    await once(server, 'listening');
    this.#servers.push(server);
  }

  #forward(client: Socket, port: number): void {
    const pod = connect({ host: this.#podIP, port, allowHalfOpen: true });
    for (const [from, to] of [
      [client, pod],
      [pod, client],
    ] as const) {
      this.#sockets.add(from);
      from.once('close', () => this.#sockets.delete(from));
      // A side that went away, or a pod that does not listen: the other side sees it closed.
      from.once('error', () => to.destroy());
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

import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import * as v from 'valibot';
import { ContainerStartError } from '../container-starter.ts';
import type { ForkVerdict } from './fork-verdict.ts';
import { Lines } from './lines.ts';
import { SocketAddress } from './socket-address.ts';
import type { Zygote } from './zygote.ts';
import { releaseLine, type ZygoteReply, zygoteRequestSchema } from './zygote-protocol.ts';

/**
 * Takes requests for a zygote over a Unix socket, one a connection. A caller that hangs up before
 * the answer may have been killed: what it asked for is done, as its next life will look for it; but
 * what it holds is given up.
 */
export class ZygoteServer {
  readonly #zygote: Zygote;
  readonly #verdict: ForkVerdict;
  readonly #server: Server;
  #callers = 0;

  constructor(zygote: Zygote, verdict: ForkVerdict) {
    this.#zygote = zygote;
    this.#verdict = verdict;
    this.#server = createServer((socket) => void this.#serve(socket));
  }

  /** How many callers wait for an answer. */
  get callers(): number {
    return this.#callers;
  }

  /** Listens at a path in a directory that only its owner can enter. */
  async listen(socket: string): Promise<void> {
    this.#server.listen({ path: new SocketAddress(socket).path, backlog: 4096 });
    await once(this.#server, 'listening');
  }

  /** Removes the socket, so that the next caller starts another zygote; answers go on. */
  retire(): void {
    if (this.#server.listening) this.#server.close();
  }

  async #serve(socket: Socket): Promise<void> {
    this.#callers++;
    socket.on('error', () => socket.destroy());
    try {
      const lines = new Lines(socket);
      const line = await lines.next();
      if (line === undefined) return;
      const release = async () => (await lines.next()) === releaseLine;
      socket.write(`${JSON.stringify(await this.#reply(line, release))}\n`);
    } finally {
      socket.end();
      this.#callers--;
    }
  }

  async #reply(line: string, release: () => Promise<boolean>): Promise<ZygoteReply> {
    try {
      const request = v.parse(zygoteRequestSchema, JSON.parse(line));
      if (request.kind === 'status') return this.#status();
      return await this.#zygote.start(request, request.held ? release() : undefined);
    } catch (error) {
      const code = error instanceof ContainerStartError ? error.code : 'ZygoteUnavailable';
      const message = error instanceof Error ? error.message : String(error);
      return { kind: 'failed', code, message };
    }
  }

  #status(): ZygoteReply {
    return {
      kind: 'status',
      ...this.#verdict,
      pid: process.pid,
      containers: this.#zygote.containers,
      forks: this.#zygote.forks,
      residentBytes: process.memoryUsage.rss(),
    };
  }
}

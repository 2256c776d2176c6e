import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import { tlsIdentity } from './tls-identity.ts';

/**
 * The floor: a TLS server that authenticates nobody and runs nothing. `/file` streams a file,
 * `/idle` begins an answer and never ends it, `/<number>` answers with so many bytes, and a WebSocket
 * gets its own messages back.
 */
export class PlainServer implements AsyncDisposable {
  readonly port: number;
  readonly #server: https.Server;

  static async start(file: string): Promise<PlainServer> {
    const { key, certificate } = tlsIdentity();
    const server = https.createServer({ key, cert: certificate }, ({ url = '' }, response) => {
      if (url === '/file') createReadStream(file, { highWaterMark: 256 * 1024 }).pipe(response);
      else if (url === '/idle') response.writeHead(200).flushHeaders();
      else response.end(Buffer.alloc(Number(url.slice(1)), 'x'));
    });
    const sockets = new WebSocketServer({ server, perMessageDeflate: false });
    sockets.on('connection', (socket) => {
      socket.on('message', (data) => socket.send(data));
      // The end of stdin is the end of the command, as with `cat`.
      socket.on('message', (data) => isEndOfInput(data) && socket.close());
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new PlainServer(server);
  }

  constructor(server: https.Server) {
    this.#server = server;
    this.port = (server.address() as AddressInfo).port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

function isEndOfInput(data: unknown): boolean {
  return Buffer.isBuffer(data) && data.length === 2 && data[0] === 255;
}

import { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';

/** The bytes of a connection carried as binary WebSocket messages (`SPDY/3.1+portforward.k8s.io`). */
export class WebSocketTunnel extends Duplex {
  readonly #socket: WebSocket;

  constructor(socket: WebSocket) {
    super({ highWaterMark: 256 * 1024 });
    this.#socket = socket;
    socket.binaryType = 'nodebuffer';
    socket.on('message', (data, isBinary) => {
      if (!isBinary || !Buffer.isBuffer(data)) {
        this.destroy(new Error('read WebSocket tunnel: a message is not binary'));
      } else if (!this.push(data)) {
        socket.pause();
      }
    });
    socket.once('close', () => {
      this.push(null);
      this.destroy();
    });
    socket.on('error', (error) => this.destroy(error));
  }

  override _read(): void {
    this.#socket.resume();
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    this.#socket.send(chunk, done);
  }

  override _final(done: () => void): void {
    this.#socket.close(1000);
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    if (error !== null) this.#socket.terminate();
    else this.#socket.close(1000);
    done(error);
  }
}

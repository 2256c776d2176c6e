import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { WebSocket, WebSocketServer } from 'ws';
import { dialAddress, servePortForward } from './port-forward.ts';
import { WebSocketTunnel } from './websocket-tunnel.ts';

/** A message as a client sends it, with a mask that changes nothing. */
const frame = (first: number, payload: Buffer) =>
  Buffer.concat([Buffer.from([first, 0x80 | payload.length, 0, 0, 0, 0]), payload]);
const binary = (payload: Buffer) => frame(0x82, payload);
const text = frame(0x81, Buffer.from('text'));
const unknown = frame(0x83, Buffer.alloc(0));

/** A frame of SPDY/3.1 that there may not be: one that opens stream 0. */
const wrong = Buffer.from([0x80, 3, 0, 1, 0, 0, 0, 10, ...Array(10).fill(0)]);

describe('WebSocketTunnel', () => {
  const uncaught: unknown[] = [];
  const note = (error: unknown) => uncaught.push(error);
  const served: Promise<void>[] = [];
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  server.on('connection', (socket) => {
    const serving = servePortForward(new WebSocketTunnel(socket), dialAddress('127.0.0.1'));
    serving.catch(() => undefined); // what the client breaks
    served.push(serving);
  });
  before(async () => {
    process.on('uncaughtExceptionMonitor', note);
    await once(server, 'listening');
  });
  after(() => {
    process.off('uncaughtExceptionMonitor', note);
    server.close();
  });

  const clients: readonly (readonly [what: string, frames: readonly Buffer[]])[] = [
    ['text', [text]],
    ['a frame of no kind', [unknown]],
    ['text after a protocol error', [binary(wrong), text]],
    ['a frame of no kind after a protocol error', [binary(wrong), unknown]],
    ['more after a protocol error', [binary(wrong), ...Array(9).fill(binary(wrong))]],
  ];
  for (const [what, frames] of clients) {
    it(`ends with a client that sends ${what}`, async () => {
      const { port } = server.address() as AddressInfo;
      const client = new WebSocket(`ws://127.0.0.1:${port}`);
      client.on('error', () => client.terminate());
      await once(client, 'open');
      client.pause(); // it does not hear that the server wants to end
      for (const frame of frames) {
        write(client, frame);
        await setTimeout(20); // until that is read
      }
      client.terminate();
      await Promise.allSettled(served.splice(0));
      assert.deepEqual(uncaught, []);
    });
  }
});

/** Past the library, which makes no such frame. */
function write(client: WebSocket, bytes: Buffer): void {
  const { _socket: socket } = client as unknown as { readonly _socket: NodeJS.WritableStream };
  socket.write(bytes);
}

import assert from 'node:assert/strict';
import { randomBytes, randomInt } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import net from 'node:net';
import { describe, it } from 'node:test';
import type { WebSocket } from 'ws';
import { webSocketRemoteCommand } from './websocket-remote-command.ts';
import { WebSocketUpgrader } from './websocket-upgrade.ts';

const options = { stdin: true, stdout: true, stderr: true, tty: true };

/** A frame as a client sends it, with whatever header is asked for. */
function frame(header: readonly number[], payload: Buffer): Buffer {
  return Buffer.concat([Buffer.from(header), Buffer.alloc(4), payload]);
}

const hostile: readonly (readonly [what: string, bytes: () => Buffer])[] = [
  ['noise', () => randomBytes(4096)],
  ['reserved bits', () => frame([0xf2, 0x81], Buffer.from('x'))],
  ['an unknown opcode', () => frame([0x83, 0x81], Buffer.from('x'))],
  ['a frame without a mask', () => Buffer.from([0x82, 0x01, 0x00])],
  ['a continuation of nothing', () => frame([0x80, 0x81], Buffer.from('x'))],
  ['a control frame in pieces', () => frame([0x09, 0x80], Buffer.alloc(0))],
  ['a control frame that is too long', () => frame([0x89, 0xfe, 0x00, 0x80], Buffer.alloc(128))],
  ['a message of 4 GB', () => frame([0x82, 0xff, 0, 0, 0, 1, 0, 0, 0, 0], Buffer.alloc(1024))],
  ['a message longer than can be', () => Buffer.from([0x82, 0xff, ...Array(8).fill(0xff)])],
  ['text that is not UTF-8', () => frame([0x81, 0x82], Buffer.from([0xff, 0xfe]))],
  ['a close with half a code', () => frame([0x88, 0x81], Buffer.from([0x03]))],
];

describe('WebSocketChannels', () => {
  for (const [what, bytes] of hostile) {
    it(`ends the connection on ${what}`, async () => {
      await using server = await startServer();
      const socket = await connect(server.port);
      socket.write(bytes());
      socket.resume();
      await once(socket, 'close');
      assert.equal(server.open(), 0);
    });
  }

  it('survives frames of any kind, one client after the other', async () => {
    await using server = await startServer();
    for (let round = 0; round < 100; round++) {
      const socket = await connect(server.port);
      const first = 0x80 | randomInt(0x10);
      socket.write(frame([first, 0x80 | randomInt(126)], randomBytes(randomInt(200))));
      socket.resume();
      socket.end();
      await once(socket, 'close');
    }
    const socket = await connect(server.port);
    socket.destroy();
  });

  it('takes no more than the reader does', async () => {
    await using server = await startServer();
    const before = process.memoryUsage.rss();
    const socket = await connect(server.port);
    const block = frame([0x82, 0xff, 0, 0, 0, 0, 0, 1, 0, 0], Buffer.alloc(1 << 16));
    let taken = 0;
    while (taken < 64 << 20 && socket.write(block)) taken += block.length;
    for (let quiet = 0; quiet < 5 && taken < 64 << 20; ) {
      const drained = await Promise.race([
        once(socket, 'drain').then(() => true),
        new Promise<false>((resolve) => setTimeout(resolve, 50, false)),
      ]);
      quiet = drained ? 0 : quiet + 1;
      while (drained && taken < 64 << 20 && socket.write(block)) taken += block.length;
    }
    assert.ok(taken < 32 << 20, `${taken} bytes were taken that nobody reads`);
    assert.ok(process.memoryUsage.rss() - before < 64 << 20);
    socket.destroy();
  });
});

/** A server whose commands read nothing. */
async function startServer() {
  const upgrader = new WebSocketUpgrader(['v5.channel.k8s.io']);
  const sockets = new Set<WebSocket>();
  const server = http.createServer();
  server.on('upgrade', async (request, connection, head) => {
    const socket = await upgrader.upgrade(request, connection, head);
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    webSocketRemoteCommand(socket, options);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    open: () => sockets.size,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.terminate();
      server.close();
      server.closeAllConnections();
    },
  };
}

async function connect(port: number): Promise<Socket> {
  const socket = net.connect(port, '127.0.0.1');
  socket.on('error', () => socket.destroy());
  socket.write(
    'GET / HTTP/1.1\r\nHost: node\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
      'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n' +
      'Sec-WebSocket-Protocol: v5.channel.k8s.io\r\n\r\n',
  );
  await once(socket, 'data');
  return socket;
}

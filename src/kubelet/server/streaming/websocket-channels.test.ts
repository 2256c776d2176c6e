import assert from 'node:assert/strict';
import { randomBytes, randomInt } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import net from 'node:net';
import { describe, it } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import type { WebSocket } from 'ws';
import type { RemoteCommand, RemoteCommandOptions } from './remote-command.ts';
import { webSocketRemoteCommand } from './websocket-remote-command.ts';
import { WebSocketUpgrader } from './websocket-upgrade.ts';

const all = { stdin: true, stdout: true, stderr: true, tty: true };
const noTerminal = { ...all, tty: false };

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

  const stdin = message(0, 'x'.repeat(1 << 16));
  const size = message(4, '{"Width":80,"Height":24}');
  const slow: readonly (readonly [what: string, block: Buffer, serve?: Serve])[] = [
    ['its reader', stdin],
    ['the slowest of its readers', Buffer.concat([stdin, size]), readSizes],
  ];
  for (const [what, block, serve] of slow) {
    it(`takes no more than ${what} does`, async () => {
      await using server = await startServer({ serve });
      const before = process.memoryUsage.rss();
      const socket = await connect(server.port);
      const taken = await pour(socket, block, 128 << 20);
      assert.ok(taken < 32 << 20, `${taken} bytes were taken that nobody reads`);
      assert.ok(process.memoryUsage.rss() - before < 64 << 20);
      socket.destroy();
    });
  }

  const unwanted: readonly (readonly [what: string, block: Buffer, init: Init])[] = [
    ['output', message(1, 'x'.repeat(1 << 16)), {}],
    ['no channel', message(9, 'x'.repeat(1 << 16)), {}],
    ['a stdin that is not asked for', stdin, { options: { ...all, stdin: false } }],
    ['sizes of what is no terminal', message(4, 'x'.repeat(1 << 16)), { options: noTerminal }],
    [
      'a stdin that ended',
      Buffer.concat([Buffer.from([0x82, 0x82, 0, 0, 0, 0, 255, 0]), stdin]),
      {},
    ],
    ['a stdin that nobody reads any more', stdin, { serve: ({ stdin }) => void stdin?.destroy() }],
  ];
  for (const [what, block, init] of unwanted) {
    it(`drops what is sent for ${what}`, async () => {
      await using server = await startServer(init);
      const socket = await connect(server.port);
      await pour(socket, block, 1 << 20);
      const before = process.memoryUsage.rss();
      const taken = await pour(socket, block, 256 << 20);
      assert.ok(taken >= 256 << 20, `the others wait after ${taken} bytes`);
      assert.ok(process.memoryUsage.rss() - before < 128 << 20);
      assert.equal(server.open(), 1);
      socket.destroy();
    });
  }

  it('goes on when the slowest of its readers does', async () => {
    const read: string[] = [];
    const { promise, resolve } = Promise.withResolvers<RemoteCommand>();
    await using server = await startServer({
      serve: (command) => {
        readSizes(command);
        resolve(command);
      },
    });
    const socket = await connect(server.port);
    await pour(socket, Buffer.concat([stdin, size]), 128 << 20);
    (await promise).stdin?.on('data', (chunk) => read.push(String(chunk)));
    const last = message(0, 'last');
    socket.write(last);
    while (!read.at(-1)?.endsWith('last')) await setTimeout(10);
    socket.destroy();
  });
});

function readSizes({ resize }: RemoteCommand): void {
  const reading = (async () => {
    for await (const _ of resize ?? []);
  })();
  reading.catch(() => undefined); // the client leaves
}

/** A message for a channel, in a frame of its own. */
function message(channel: number, text: string): Buffer {
  const payload = Buffer.concat([Buffer.from([channel]), Buffer.from(text)]);
  const length = Buffer.alloc(8);
  length.writeBigUInt64BE(BigInt(payload.length));
  return frame([0x82, 0xff, ...length], payload);
}

/** Writes the block again and again until that many bytes are taken, or no more; says how many. */
async function pour(socket: Socket, block: Buffer, most: number): Promise<number> {
  let taken = 0;
  const write = () => {
    while (taken < most && socket.write(block)) taken += block.length;
  };
  write();
  for (let quiet = 0; quiet < 5 && taken < most; ) {
    const drained = await Promise.race([
      once(socket, 'drain').then(() => true),
      setTimeout(50, false),
    ]);
    quiet = drained ? 0 : quiet + 1;
    if (drained) write();
  }
  return taken;
}

type Serve = (command: RemoteCommand) => void;

interface Init {
  readonly options?: RemoteCommandOptions;
  /** Does something with a command. @default nobody reads what it gets */
  readonly serve?: Serve | undefined;
}

async function startServer({ options = all, serve = () => undefined }: Init = {}) {
  const upgrader = new WebSocketUpgrader(['v5.channel.k8s.io']);
  const sockets = new Set<WebSocket>();
  const server = http.createServer();
  server.on('upgrade', async (request, connection, head) => {
    const socket = await upgrader.upgrade(request, connection, head);
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    serve(webSocketRemoteCommand(socket, options));
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

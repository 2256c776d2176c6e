import assert from 'node:assert/strict';
import { once } from 'node:events';
import net from 'node:net';
import { Transform } from 'node:stream';
import { text } from 'node:stream/consumers';
import { describe, it } from 'node:test';
import { socketPair } from '../../../../tests/support/socket-pair.ts';
import { SpdyConnection } from '../spdy/spdy-connection.ts';
import type { SpdyStream } from '../spdy/spdy-stream.ts';
import { dialAddress, servePortForward } from './port-forward.ts';

/** A server inside the "pod" that answers what it reads, in upper case. */
async function shouter(): Promise<net.Server & AsyncDisposable> {
  const server = net.createServer({ allowHalfOpen: true }, (socket) => {
    const shout = new Transform({
      transform: (chunk, _encoding, done) => done(null, String(chunk).toUpperCase()),
    });
    socket.pipe(shout).pipe(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

function portOf(server: net.Server): number {
  const address = server.address();
  assert.ok(address !== null && typeof address === 'object');
  return address.port;
}

async function client(ports?: ReadonlySet<number>): Promise<SpdyConnection & AsyncDisposable> {
  const [near, far] = await socketPair();
  const connection = new SpdyConnection(
    { transport: near, onStream: (stream) => stream.refuse() },
    { role: 'client' },
  );
  const running = connection.run();
  const serving = servePortForward(far, dialAddress('127.0.0.1', ports));
  return Object.assign(connection, {
    async [Symbol.asyncDispose]() {
      near.destroy();
      await Promise.all([running, serving]);
    },
  });
}

function openPair(connection: SpdyConnection, port: number, id: string): [SpdyStream, SpdyStream] {
  const open = (type: string) =>
    connection.open(
      new Map([
        ['streamtype', [type]],
        ['port', [String(port)]],
        ['requestid', [id]],
      ]),
    );
  return [open('error'), open('data')];
}

describe('servePortForward', () => {
  it('forwards many connections at once', async () => {
    await using server = await shouter();
    await using connection = await client();
    const ask = async (id: string) => {
      const [error, data] = openPair(connection, portOf(server), id);
      error.end();
      data.end(`hello ${id}`);
      assert.equal(await text(data), `HELLO ${id}`);
      assert.equal(await text(error), '');
    };
    await Promise.all(Array.from({ length: 50 }, (_, id) => ask(String(id))));
  });

  it('reports a port where nobody listens on the error stream', async () => {
    const server = await shouter();
    const port = portOf(server);
    await server[Symbol.asyncDispose]();
    await using connection = await client();
    const [error, data] = openPair(connection, port, '0');
    data.on('error', () => {});
    error.end();
    assert.match(await text(error), /error forwarding port \d+ to pod.*ECONNREFUSED/);
  });

  it("refuses a port that is not the pod's, where others listen at its address", async () => {
    await using server = await shouter();
    await using other = await shouter();
    await using connection = await client(new Set([portOf(server)]));
    const [error, data] = openPair(connection, portOf(other), '0');
    data.on('error', () => {});
    error.end();
    assert.match(
      await text(error),
      /error forwarding port (\d+) .*: declare \1 as a containerPort/,
    );
    const [, own] = openPair(connection, portOf(server), '1');
    own.end('hello');
    assert.equal(await text(own), 'HELLO');
  });

  it('ends a connection that the pod closes while the client could still speak', async () => {
    const server = net.createServer((socket) => socket.once('data', () => socket.end('bye')));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    await using _server = server;
    await using connection = await client();
    const [error, data] = openPair(connection, portOf(server), '0');
    error.end();
    data.write('hello');
    assert.equal(await text(data), 'bye');
    assert.equal(await text(error), '');
  });

  it('refuses streams without a port', async () => {
    await using connection = await client();
    const stream = connection.open(new Map([['streamtype', ['data']]]));
    await once(stream, 'close');
  });
});

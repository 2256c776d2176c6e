import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { describe, it } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { acceptConnection, openListeningSocket } from '../../libc/listening-socket.ts';
import { type Answer, RequestServer } from './request-server.ts';

const host = '127.0.0.1';
const port = 18_437;
const clients = 100;
const request = 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n';

/** Clients that have sent a request each before the server takes the first connection. */
async function withWaitingClients(
  answer: Answer,
  use: (server: RequestServer, sockets: readonly Socket[]) => Promise<void>,
): Promise<void> {
  const fd = openListeningSocket(host, port);
  assert.ok(fd > 2);
  const sockets = Array.from({ length: clients }, () => connect(port, host));
  await Promise.all(sockets.map((socket) => once(socket, 'connect')));
  for (const socket of sockets) socket.write(request);
  const server = new RequestServer({ answer });
  await server.listen({ fd, accept: () => acceptConnection(fd) });
  try {
    await use(server, sockets);
  } finally {
    await server.drain({ signal: AbortSignal.abort() });
  }
}

describe('WaitingConnections', () => {
  it('has clients that come at once answered within a few rounds of the event loop', async () => {
    const { promise: all, resolve } = Promise.withResolvers<void>();
    let answered = 0;
    const answer: Answer = async ({ response }) => {
      response.end('hello');
      answered += 1;
      if (answered === clients) resolve();
    };
    await withWaitingClients(answer, async () => {
      let rounds = 0;
      while (answered < clients) {
        await Promise.race([all, setImmediate()]);
        rounds += 1;
      }
      assert.ok(rounds < clients / 4, `${rounds} rounds`);
    });
  });

  it('has the server wait for the last of them when it drains', async () => {
    const held = Promise.withResolvers<void>();
    const goOn = Promise.withResolvers<void>();
    let answered = 0;
    const answer: Answer = async ({ response }) => {
      answered += 1;
      if (answered === clients / 2) {
        held.resolve();
        await goOn.promise;
      }
      response.end('hello');
    };
    await withWaitingClients(answer, async (server, sockets) => {
      await held.promise;
      let closed = 0;
      for (const socket of sockets) socket.resume().once('close', () => (closed += 1));
      let isDrained = false;
      const drained = server.drain({ linger: 1 }).then(() => (isDrained = true));
      while (closed < clients - 1) await setImmediate();
      for (let round = 0; round < 20; round++) await setImmediate();
      assert.deepEqual({ isDrained, closed }, { isDrained: false, closed: clients - 1 });
      goOn.resolve();
      await drained;
    });
  });
});

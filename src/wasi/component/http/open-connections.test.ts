import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { after, describe, it } from 'node:test';
import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import { duplicate } from '../../libc/process.ts';
import { OpenConnections } from './open-connections.ts';

const host = '127.0.0.1';

/** A server that has its connections from another, and one that listens. */
async function pair(listener: RequestListener) {
  const [front, back] = [createServer(listener), createServer(listener)];
  const connections = {
    front: new OpenConnections(front, duplicate),
    back: new OpenConnections(back, duplicate),
  };
  back.emit('listening');
  front.listen(0, host);
  await once(front, 'listening');
  const { port } = front.address() as AddressInfo; // listens on TCP
  return {
    ...connections,
    server: { front, back },
    port,
    close() {
      for (const server of [front, back]) server.close(() => {}).closeAllConnections();
    },
  };
}

/** Sends so many requests, some in pieces and some together, and collects what is answered. */
async function ask(port: number, requests: number): Promise<string[]> {
  const socket = connect(port, host).setNoDelay(true).setEncoding('latin1');
  let received = '';
  socket.on('data', (text: string) => {
    received += text;
  });
  const answers = () => received.match(/#\d+;/g) ?? [];
  for (let sent = 0; sent < requests; ) {
    const together = 1 + (sent % 3);
    const text = Array.from(
      { length: together },
      (_, index) => `GET /#${sent + index}; HTTP/1.1\r\nHost: x\r\n\r\n`,
    ).join('');
    const half = 1 + ((sent * 7) % (text.length - 1));
    socket.write(text.slice(0, half));
    if (sent % 2 === 0) await sleep(1);
    socket.write(text.slice(half));
    sent += together;
    while (answers().length < sent) await setImmediate();
  }
  socket.destroy();
  return answers();
}

describe('OpenConnections', { timeout: 60_000 }, () => {
  it('moves connections while their clients ask, and every request is answered once, in order', async () => {
    const { front, back, port, close } = await pair(({ url = '' }, response) => {
      if (url.length % 2 === 0) response.end(url);
      else setTimeout(() => response.end(url), 1);
    });
    after(close);
    const moves = { forth: 0, back: 0 };
    let isOver = false;
    const move = (async () => {
      while (!isOver) {
        front.give(Infinity, (fd) => {
          moves.forth += 1;
          back.adopt(fd);
        });
        await sleep(3);
        front.stopGiving();
        back.give(Infinity, (fd) => {
          moves.back += 1;
          front.adopt(fd);
        });
        await sleep(3);
        back.stopGiving();
      }
    })();
    const requests = 200;
    const expected = Array.from({ length: requests }, (_, index) => `#${index};`);
    try {
      while (moves.forth < 50 || moves.back < 50) {
        const all = await Promise.all(Array.from({ length: 8 }, () => ask(port, requests)));
        for (const answers of all) assert.deepEqual(answers.slice(0, requests), expected);
      }
    } finally {
      isOver = true;
      await move;
    }
  });

  it('leaves a connection where it is until its request has come and been answered', async () => {
    const held = Promise.withResolvers<void>();
    const { front, port, close } = await pair(async (_, response) => {
      await held.promise;
      response.end('hello');
    });
    after(close);
    const given: number[] = [];
    const socket = connect(port, host);
    socket.write('GET / HTTP/1.1\r\nHo');
    await sleep(20);
    front.give(Infinity, (fd) => given.push(fd));
    await sleep(20);
    assert.deepEqual(given, []);
    socket.write('st: x\r\n\r\n');
    await sleep(20);
    assert.deepEqual(given, []);
    held.resolve();
    while (given.length === 0) await sleep(1);
    assert.equal(socket.readableEnded, false);
    socket.destroy();
  });

  it('gives away a new connection before anything of it is read', async () => {
    const { front, back, server, port, close } = await pair((_, response) => {
      response.end('hello');
    });
    after(close);
    const taken: Socket[] = [];
    server.front.on('connection', (socket) => {
      front.giveNew(socket, (fd) => taken.push(back.adopt(fd)));
    });
    const socket = connect(port, host).setEncoding('latin1');
    socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    const [text] = await once(socket, 'data');
    assert.match(text, /hello/);
    assert.equal(taken.length, 1);
    socket.destroy();
    await back.closed();
  });

  it('gives away none that is being closed', async () => {
    const { front, server, port, close } = await pair((_, response) => {
      response.writeHead(200, { connection: 'close' }).end('hello');
    });
    after(close);
    const given: number[] = [];
    server.front.on('request', (_, response) => {
      response.once('finish', () => front.give(Infinity, (fd) => given.push(fd)));
    });
    const socket = connect(port, host).setEncoding('latin1');
    socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    socket.resume();
    const isOver = once(socket, 'end').then(() => true);
    assert.equal(await Promise.race([isOver, sleep(2000, false)]), true);
    assert.deepEqual(given, []);
    socket.destroy();
  });

  it('closes what was adopted and brings nothing, and nothing else', async () => {
    const { front, back, port, close } = await pair((_, response) => response.end('hello'));
    after(close);
    const sockets = [connect(port, host), connect(port, host)];
    for (const socket of sockets) {
      socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
      await once(socket, 'data');
    }
    let moved = 0;
    front.give(2, (fd) => {
      back.adopt(fd);
      moved += 1;
    });
    while (moved < 2) await sleep(1);
    const [used, unused] = sockets;
    used?.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    await once(used ?? assert.fail(), 'data');
    assert.equal(back.closeUnused(), 1);
    await sleep(20);
    assert.equal(unused?.readyState, 'open');
    assert.equal(back.closeUnused(0), 0);
    await once(unused.resume(), 'close');
    assert.equal(used?.readyState, 'open');
    used?.destroy();
  });

  it('gives away no more than it is told to, nor after it is told to stop', async () => {
    const { front, port, close } = await pair((_, response) => response.end('hello'));
    after(close);
    const sockets = Array.from({ length: 5 }, () => connect(port, host));
    for (const socket of sockets) {
      socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
      await once(socket, 'data');
    }
    const given: number[] = [];
    front.give(2, (fd) => given.push(fd));
    await sleep(50);
    assert.equal(given.length, 2);
    front.give(0, () => assert.fail());
    front.give(1, (fd) => given.push(fd));
    assert.equal(given.length, 3);
    for (const socket of sockets) socket.destroy();
  });
});

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { describe, it } from 'node:test';
import { loadProgram } from '../load-program.ts';
import { InstancePool } from '../pool/instance-pool.ts';
import { prepareComponent } from '../prepared-component.ts';
import { componentFixture, testWorld } from '../testing/fixtures.ts';
import type { RequestRecord, RequestServerInit } from './request-server.ts';
import { HttpServer } from './server.ts';

const host = '127.0.0.1';
const program = loadProgram(prepareComponent(componentFixture('http-routes')));

class Served implements AsyncDisposable {
  readonly server: HttpServer;
  port = 0;

  static async start(init: RequestServerInit = {}): Promise<Served> {
    const served = new Served(init);
    served.port = (await served.server.listen({ host, port: 0 })).port;
    return served;
  }

  constructor(init: RequestServerInit) {
    const pool = new InstancePool({ program, world: testWorld() });
    this.server = new HttpServer({ pool }, init);
  }

  /** A connection that has sent `text`. */
  open(text: string): Socket {
    const socket = connect({ host, port: this.port });
    socket.on('error', () => {}); // being cut is what is tested
    socket.write(text);
    return socket;
  }

  async status(route = 'seen', agent?: Agent): Promise<number> {
    const { port } = this;
    const sent = request({ host, port, path: `/${route}`, ...(agent && { agent }) }).end();
    const [response] = await once(sent, 'response').catch((cause: unknown) => {
      throw new Unanswered(sent.reusedSocket, { cause });
    });
    await response.toArray(); // a body that is cut short rejects
    return response.statusCode;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server.drain({ signal: AbortSignal.abort() });
  }
}

describe('HttpServer with hostile clients', () => {
  const limits = { headersTimeout: 100, requestTimeout: 200 };

  it('refuses a request that names two hosts', async () => {
    await using served = await Served.start();
    const hosts = 'Host: a.example\r\nhost: b.example\r\n';
    const socket = served.open(`GET /seen HTTP/1.1\r\n${hosts}\r\n`);
    assert.match(String(await socket.take(1).toArray()), /^HTTP\/1\.1 400 /);
  });

  for (const [what, text] of [
    ['says nothing', ''],
    ['does not come to the end of its head', 'GET / HTTP/1.1\r\nhost: x\r\nx-a'],
    [
      'does not come to the end of a body that the handler waits for',
      'POST /echo HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\nabc',
    ],
    [
      'does not come to the end of a body that nobody wants',
      'POST /seen HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n',
    ],
  ] as const) {
    it(`cuts the connection of a client that ${what}`, async () => {
      await using served = await Served.start(limits);
      const socket = served.open(text);
      socket.resume();
      await once(socket, 'close');
      assert.equal(served.server.running, 0);
      assert.equal(await served.status(), 200);
    });
  }

  it('cuts the connection of a client that does not read', async () => {
    await using served = await Served.start(limits);
    const socket = served.open('GET /big/50000000 HTTP/1.1\r\nhost: x\r\n\r\n');
    socket.pause();
    while (served.server.running === 0) await new Promise(setImmediate);
    while (served.server.running > 0) await new Promise(setImmediate);
    assert.equal(await served.status(), 200);
  });

  it('answers while many connections are open', async () => {
    await using served = await Served.start();
    const sockets = Array.from({ length: 500 }, () => served.open('GET / HTTP/1.1\r\nhost: x\r\n'));
    await Promise.all(sockets.map((socket) => once(socket, 'connect')));
    assert.equal(await served.status(), 200);
    for (const socket of sockets) socket.destroy();
  });

  it('closes the connection on which a request to upgrade was followed by another', async () => {
    await using served = await Served.start();
    const upgrade =
      'GET /seen HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n';
    const socket = served.open(`${upgrade}GET /seen HTTP/1.1\r\nhost: x\r\n\r\n`);
    const answers = Buffer.concat(await socket.toArray()).toString();
    assert.match(answers, /^HTTP\/1\.1 200 OK\r\n/);
    assert.match(answers, /connection: close/i);
  });

  it('refuses to be a tunnel, and notes that', async () => {
    const records: RequestRecord[] = [];
    await using served = await Served.start({ onRequest: (record) => records.push(record) });
    const socket = served.open('CONNECT a.example:80 HTTP/1.1\r\nhost: a.example:80\r\n\r\nmore');
    assert.match(
      Buffer.concat(await socket.toArray()).toString(),
      /^HTTP\/1\.1 501 Not Implemented\r\n/,
    );
    assert.deepEqual(
      records.map(({ method, path, status }) => [method, path, status]),
      [['CONNECT', 'a.example:80', 501]],
    );
    assert.equal(await served.status(), 200);
  });

  it('does not take what follows a body for a request', async () => {
    await using served = await Served.start();
    const inner = 'GET /trap HTTP/1.1\r\nhost: x\r\n\r\n';
    const head = `POST /echo HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: ${inner.length}`;
    const answer = Buffer.concat(await served.open(`${head}\r\n\r\n${inner}`).toArray()).toString();
    assert.equal(answer.match(/HTTP\/1\.1 \d+/g)?.length, 1);
    assert.match(answer, /GET \/trap/);
  });

  it('loses no request that it has taken when it drains under load', async () => {
    const served = await Served.start();
    const agent = new Agent({ keepAlive: true });
    let drained = false;
    const outcomes = new Map<string, number>();
    const client = async () => {
      for (;;) {
        const outcome = await served.status('sleep/1', agent).then(String, outcomeOf);
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
        if (drained || outcome !== '200') return;
      }
    };
    const clients = Array.from({ length: 16 }, client);
    while ((outcomes.get('200') ?? 0) < 100) await new Promise(setImmediate);
    await served.server.drain();
    drained = true;
    await Promise.all(clients);
    agent.destroy();
    outcomes.delete('came too late');
    assert.deepEqual([...outcomes.keys()], ['200']);
  });
});

class Unanswered extends Error {
  /** Whether the connection had served before. */
  readonly wasConnected: boolean;

  constructor(wasConnected: boolean, options: ErrorOptions) {
    super('Unanswered', options);
    this.wasConnected = wasConnected;
  }
}

function outcomeOf(error: unknown): string {
  return error instanceof Unanswered && !error.wasConnected ? 'came too late' : String(error);
}

import assert from 'node:assert/strict';
import { once } from 'node:events';
import {
  type ClientRequest,
  request as httpRequest,
  IncomingMessage,
  ServerResponse,
} from 'node:http';
import { connect, Socket } from 'node:net';
import { Readable } from 'node:stream';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { Agent, request } from 'undici';
import { loadProgram } from '../load-program.ts';
import { InstancePool } from '../pool/instance-pool.ts';
import { prepareComponent } from '../prepared-component.ts';
import { componentFixture, testWorld } from '../testing/fixtures.ts';
import { GuestAnswers } from './guest-answers.ts';
import type { RequestRecord, RequestServerInit } from './request-server.ts';
import { ClientLeft, type Exchange, RequestTimeout } from './running-exchanges.ts';
import { HttpServer } from './server.ts';

const host = '127.0.0.1';
const load = (name: 'http-routes' | 'http-composed' | 'http-catch-all') =>
  loadProgram(prepareComponent(componentFixture(name)));
const program = load('http-routes');
/** The same behind another component that passes requests on. */
const composed = load('http-composed');

async function serve(
  init: RequestServerInit = {},
  served = program,
): Promise<{ server: HttpServer; port: number }> {
  const pool = new InstancePool({ program: served, world: testWorld() });
  const server = new HttpServer({ pool }, init);
  return { server, port: (await server.listen({ host, port: 0 })).port };
}

async function text(response: IncomingMessage): Promise<string> {
  return Buffer.concat(await response.toArray()).toString('latin1');
}

async function responseTo(sent: ClientRequest): Promise<IncomingMessage> {
  const [response] = await once(sent, 'response');
  return response as IncomingMessage;
}

for (const [what, served] of [
  ['a component', program],
  ['components that are composed', composed],
] as const) {
  describe(`HttpServer of ${what}`, () => {
    let server: HttpServer;
    let port: number;
    before(async () => {
      ({ server, port } = await serve({}, served));
    });
    after(() => server.drain());

    function open(path: string, init: object = {}): ClientRequest {
      return httpRequest({ host, port, path, agent: false, ...init });
    }

    async function get(path: string, init: object = {}): Promise<{ status: number; body: string }> {
      const sent = open(path, init).end();
      const response = await responseTo(sent);
      return { status: response.statusCode ?? 0, body: await text(response) };
    }

    it('gives every request an instance that has seen nothing', async () => {
      for (let count = 0; count < 5; count++) {
        assert.deepEqual(await get('/seen'), { status: 200, body: '1' });
      }
    });

    it('passes status, path and headers, without those of the connection', async () => {
      assert.equal((await get('/status/418')).status, 418);
      const { body } = await get('/headers', { headers: { 'x-test': 'yes' } });
      assert.match(body, /x-test: yes/);
      assert.doesNotMatch(body, /connection/i);
    });

    it('sends no length where there is no content', async () => {
      const response = await responseTo(open('/status/204').end());
      assert.equal(response.headers['content-length'], undefined);
      assert.equal(await text(response), '');
    });

    it('takes a target in absolute form', async () => {
      assert.deepEqual(await get('http://other.example/seen'), { status: 200, body: '1' });
    });

    for (const raw of [
      'GET /seen HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
      'GET /seen HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nhello!',
      'GET /seen HTTP/1.1\r\nhost: x\r\n x: folded\r\ntransfer-encoding : chunked\r\n\r\n',
      `GET /seen HTTP/1.1\r\nhost: x\r\nx-large: ${'x'.repeat(40_000)}\r\n\r\n`,
      'GET /seen HTTP/1.1\r\nhost: a b\r\n\r\n',
      'GET /seen HTTP/1.1\r\nhost: a/b\r\n\r\n',
      'GET /seen HTTP/1.1\r\nhost: user@a\r\n\r\n',
      'GET /seen HTTP/1.1\r\nhost: [::1\r\n\r\n',
    ]) {
      it(`refuses ${JSON.stringify(raw.slice(20, 90))}`, async () => {
        const socket = connect({ host, port });
        socket.end(raw);
        const answer = Buffer.concat(await socket.toArray()).toString();
        assert.match(answer, /^HTTP\/1\.1 4(00|31)/);
      });
    }

    for (const named of [
      'x',
      'x.example:8080',
      '127.0.0.1:80',
      '[::1]:80',
      '[::ffff:192.0.2.1]',
      '',
    ]) {
      it(`takes '${named}' for a host`, async () => {
        const socket = connect({ host, port });
        socket.end(`GET /seen HTTP/1.1\r\nhost: ${named}\r\nconnection: close\r\n\r\n`);
        assert.match(Buffer.concat(await socket.toArray()).toString(), /^HTTP\/1\.1 200/);
      });
    }

    for (const [route, what] of [
      ['/trap', 'traps'],
      ['/silent', 'gives no response'],
    ] as const) {
      it(`answers 500 to the one request whose handler ${what}`, async () => {
        const answers = await Promise.all([get('/seen'), get(route), get('/sleep/20')]);
        assert.deepEqual(
          answers.map(({ status }) => status),
          [200, 500, 200],
        );
      });
    }

    it('echoes a large chunked body, and those of its trailers that may be some', async () => {
      const sent = open('/echo', { method: 'POST', headers: { trailer: 'x-sum' } });
      const block = Buffer.alloc(100_000, 'abc');
      for (let count = 0; count < 20; count++) sent.write(block);
      sent.addTrailers({ 'x-sum': '20', 'set-cookie': 'late=1', 'content-type': 'text/html' });
      sent.end();
      const response = await responseTo(sent);
      assert.equal((await text(response)).length, 2_000_000);
      assert.deepEqual(response.trailers, { 'x-sum': '20' });
    });

    it('answers on after a request whose body was read in part', async () => {
      const agent = new Agent({ connections: 1 });
      const ask = async (path: string, init: object = {}) => {
        const url = `http://${host}:${port}${path}`;
        const { body } = await request(url, { dispatcher: agent, ...init });
        return body.text();
      };
      const body = Buffer.alloc(3_000_000);
      assert.equal(await ask('/part/10', { method: 'POST', body }), '10');
      assert.equal(await ask('/seen'), '1');
      await agent.close();
    });

    for (const how of ['at once', 'later']) {
      it(`announces once the trailers that the guest announced and gives ${how}`, async () => {
        const response = await responseTo(open(`/trailers/${encodeURIComponent(how)}`).end());
        assert.equal(await text(response), 'with trailers');
        assert.deepEqual(response.trailers, { 'x-sum': '42' });
        const fields = response.rawHeaders.map((name) => name.toLowerCase());
        assert.equal(fields.filter((name) => name === 'trailer').length, 1);
      });
    }

    for (const [what, head, length] of [
      ['a request for the head', 'HEAD /trailers HTTP/1.1', 0],
      ['a client of HTTP/1.0', 'GET /trailers HTTP/1.0', 13],
      ['a client of HTTP/1.0 that waits', 'GET /trailers/later HTTP/1.0', 13],
      ['a response with a length', 'GET /trailers/length HTTP/1.1', 13],
    ] as const) {
      it(`leaves out trailers from the answer to ${what}`, async () => {
        const socket = connect({ host, port });
        socket.write(`${head}\r\nhost: x\r\nconnection: close\r\n\r\n`);
        const answer = Buffer.concat(await socket.toArray()).toString();
        assert.match(answer, /^HTTP\/1\.1 200 /);
        assert.doesNotMatch(answer, /trailer:|x-sum/i);
        assert.equal(answer.split('\r\n\r\n')[1]?.length, length);
      });
    }

    it('answers for a guest that gives none or an error, or breaks its promise, and says why', async () => {
      const failures: string[] = [];
      const { server, port } = await serve(
        {
          onFailure: (failure, request) =>
            failures.push(`${request?.method} ${request?.url}: ${(failure as Error).message}`),
        },
        served,
      );
      const statuses = [];
      for (const path of ['silent', 'error/no%20luck', 'promise/7', 'promise/5']) {
        const { statusCode, body } = await request(`http://${host}:${port}/${path}`);
        statuses.push(statusCode);
        await body.dump();
      }
      assert.deepEqual(statuses, [500, 502, 500, 200]);
      assert.deepEqual(failures, [
        "GET /silent: The guest returned without a call of 'response-outparam.set'",
        'GET /error/no%20luck: The guest answered with an error: internal-error "no%20luck"',
        'GET /promise/7: The guest wrote 5 bytes of a body with a content-length of 7',
      ]);
      await server.drain();
    });

    it('streams a response while the handler goes on', async () => {
      const response = await responseTo(open('/drip').end());
      const chunks: string[] = [];
      for await (const chunk of response) chunks.push(String(chunk));
      assert.ok(chunks.length > 1, `${chunks.length} chunks`);
      assert.equal(chunks.join(''), '0\n1\n2\n3\n4\n');
    });

    it('does not let a body that was given up look complete', async () => {
      await assert.rejects(async () => {
        const { status } = await get('/abandon');
        if (status === 500) throw new Error('an error instead');
      });
    });

    it('goes on with a large body that is not to be sent', async () => {
      const response = await responseTo(open('/big/1000000', { method: 'HEAD' }).end());
      assert.deepEqual([response.statusCode, await text(response)], [200, '']);
      while (server.running > 0) await delay(5);
    });

    it('runs handlers that wait at the same time', async () => {
      const answers = Array.from({ length: 20 }, () => get('/sleep/1000'));
      while (server.running < answers.length) await delay(1);
      for (const { status } of await Promise.all(answers)) assert.equal(status, 200);
    });

    it('waits for a reader that is slow, without holding the whole body', async () => {
      const response = await responseTo(open('/big/5000000').end());
      await delay(50);
      let length = 0;
      for await (const chunk of response) length += (chunk as Buffer).length;
      assert.equal(length, 5_000_000);
    });
  });
}

describe('HttpServer limits', () => {
  it('ends a request that takes too long with 504, and goes on', async () => {
    const failures: string[] = [];
    const { server, port } = await serve({
      requestTimeout: 50,
      onFailure: (failure, request) => failures.push(`${request?.url} ${failure}`),
    });
    const slow = await fetch(`http://${host}:${port}/sleep/5000`);
    assert.equal(slow.status, 504);
    assert.equal((await fetch(`http://${host}:${port}/seen`)).status, 200);
    assert.deepEqual(failures, ['/sleep/5000 RequestTimeout: The request took too long']);
    await server.drain();
  });

  it('ends a guest that catches all it can when its time is up', async () => {
    const failures: unknown[] = [];
    const { server, port } = await serve(
      { requestTimeout: 50, onFailure: (failure) => failures.push(failure) },
      load('http-catch-all'),
    );
    assert.equal((await fetch(`http://${host}:${port}/`)).status, 504);
    assert.ok(failures[0] instanceof RequestTimeout);
    assert.equal(server.running, 0);
    await server.drain();
  });

  it('answers 503 when too many wait', async () => {
    const { server, port } = await serve({ maximumConcurrency: 1, maximumWaiting: 1 });
    const answers = await Promise.all(
      [1, 2, 3].map(async () => (await fetch(`http://${host}:${port}/sleep/50`)).status),
    );
    assert.deepEqual(answers.sort(), [200, 200, 503]);
    await server.drain();
  });

  it('refuses a body that is too large', async () => {
    const { server, port } = await serve({ maximumBodySize: 1000 });
    const body = Readable.from([Buffer.alloc(100_000)]); // in chunks
    await assert.rejects(async () => {
      const response = await request(`http://${host}:${port}/echo`, { method: 'POST', body });
      if (response.statusCode >= 400) throw new Error(String(response.statusCode));
      await response.body.text();
    });
    await server.drain();
  });

  it('refuses a body before it comes that is said to be too large, and lets its client see that', async () => {
    const maximumBodySize = 1_000_000;
    const { server, port } = await serve({ maximumBodySize });
    const post = (length: number, others = {}) => {
      const headers = { 'content-length': length, ...others };
      return httpRequest({ host, port, path: '/echo', method: 'POST', agent: false, headers });
    };
    const asking = post(maximumBodySize + 1, { expect: '100-continue' });
    asking.once('continue', () => assert.fail('was told to send it'));
    asking.flushHeaders();
    const refusal = await responseTo(asking);
    assert.deepEqual([refusal.statusCode, refusal.headers.connection], [413, 'close']);
    const large = Buffer.alloc(20 * maximumBodySize);
    assert.equal((await responseTo(post(large.length).end(large))).statusCode, 413);
    const small = post(maximumBodySize, { expect: '100-continue' });
    small.once('continue', () => small.end(large.subarray(0, maximumBodySize)));
    small.flushHeaders();
    assert.equal((await text(await responseTo(small))).length, maximumBodySize);
    await server.drain();
  });

  it('ends it when its client has left', async () => {
    const pool = new InstancePool({ program: load('http-catch-all'), world: testWorld() });
    const answers = new GuestAnswers({ pool });
    const request = new IncomingMessage(new Socket());
    const response = new ServerResponse(request);
    const exchange: Exchange = { request, response, onAbort: undefined };
    const answered = answers.answer(exchange);
    exchange.onAbort?.(new ClientLeft('The client went away'));
    await answered;
    assert.equal(response.statusCode, 500);
  });

  it('frees the instance of a client that went away, and notes that nothing was sent', async () => {
    const records: RequestRecord[] = [];
    const { server, port } = await serve({ onRequest: (record) => records.push(record) });
    const socket = connect({ host, port });
    socket.write('GET /sleep/5000 HTTP/1.1\r\nhost: x\r\n\r\n');
    await delay(50);
    assert.equal(server.running, 1);
    socket.destroy();
    await delay(50);
    assert.equal(server.running, 0);
    assert.deepEqual(
      records.map(({ path, status }) => [path, status]),
      [['/sleep/5000', undefined]],
    );
    await server.drain();
  });

  it('listens at several addresses, and drains all of them', async () => {
    const { server, port } = await serve();
    await server.listen({ host: '::1', port });
    const urls = [`http://${host}:${port}`, `http://[::1]:${port}`];
    const slow = urls.map((url) => fetch(`${url}/sleep/100`));
    await delay(30);
    const drained = server.drain();
    for (const response of await Promise.all(slow)) assert.equal(await response.text(), 'awake');
    await drained;
    for (const url of urls) await assert.rejects(fetch(url));
  });

  it('lets requests finish when it drains, and takes no more', async () => {
    const { server, port } = await serve();
    const slow = fetch(`http://${host}:${port}/sleep/100`);
    await delay(30);
    const drained = server.drain();
    assert.equal((await slow).status, 200);
    await drained;
    await assert.rejects(fetch(`http://${host}:${port}/seen`));
  });

  it('cuts no connection that a client is about to use again', async () => {
    const { server, port } = await serve();
    const clients = Array.from({ length: 8 }, () => new Agent({ connections: 1 }));
    const answers = clients.map(() => 0);
    const ends = clients.map(async (dispatcher, client) => {
      try {
        for (; ; answers[client] = (answers[client] ?? 0) + 1) {
          const { body } = await request(`http://${host}:${port}/sleep/3`, { dispatcher });
          await body.dump();
        }
      } catch (error) {
        return (error as NodeJS.ErrnoException).code;
      }
    });
    while (!answers.every((count) => count > 2)) await delay(10);
    const drained = server.drain({ linger: 60_000 });
    assert.deepEqual(new Set(await Promise.all(ends)), new Set(['ECONNREFUSED']));
    await drained;
  });

  it('closes connections without a request in the end', async () => {
    const { server, port } = await serve();
    const agent = new Agent();
    const { body } = await request(`http://${host}:${port}/status/200`, { dispatcher: agent });
    await body.dump();
    await server.drain({ linger: 20 });
    await agent.close();
  });
});

describe('HttpServer of a composed component', () => {
  it('has each component answer what it wants to', async () => {
    const { server, port } = await serve({}, composed);
    assert.equal((await request(`http://${host}:${port}/blocked`)).statusCode, 403);
    assert.equal((await request(`http://${host}:${port}/status/418`)).statusCode, 418);
    await server.drain();
  });
});

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, request as httpRequest, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { EgressPolicy } from '../../http/egress-policy.ts';
import type { RequestServerInit } from '../../http/request-server.ts';
import { HttpServer } from '../../http/server.ts';
import { UndiciHttp } from '../../http/undici-http.ts';
import { loadProgram } from '../../load-program.ts';
import { InstancePool } from '../../pool/instance-pool.ts';
import { prepareComponent } from '../../prepared-component.ts';
import { componentFixture, testWorld } from '../../testing/fixtures.ts';
import type { World } from '../../world.ts';

const host = '127.0.0.1';
const services = {
  'a service of WASI 0.3': 'http-service',
  'a service of WASI 0.3 behind another component': 'http-service-composed',
} as const;

for (const [what, name] of Object.entries(services)) {
  describe(what, () => {
    const prepared = prepareComponent(componentFixture(name));
    const program = loadProgram(prepared);

    async function serve(init: RequestServerInit = {}, over: Partial<World> = {}) {
      const world = testWorld(over);
      const server = new HttpServer({ pool: new InstancePool({ program, world }) }, init);
      return { server, world, port: (await server.listen({ host, port: 0 })).port };
    }

    let served: Awaited<ReturnType<typeof serve>>;
    before(async () => {
      served = await serve();
    });
    after(() => served.server.drain());

    async function ask(path: string, body?: string, port = served.port) {
      const method = body === undefined ? 'GET' : 'POST';
      const sent = httpRequest({ host, port, path, method, agent: false });
      sent.end(body);
      const [response] = (await once(sent, 'response')) as [IncomingMessage];
      const text = Buffer.concat(await response.toArray()).toString('latin1');
      return { status: response.statusCode ?? 0, headers: response.headers, text, response };
    }

    it('sends a small response in one piece, with its length', async () => {
      const { status, text, headers } = await ask('/hello');
      assert.deepEqual([status, text], [200, 'Hello, wasi:http/service world!\n']);
      assert.equal(headers['content-length'], String(text.length));
    });

    it('finds its instance as it was before the first request', async () => {
      assert.equal(prepared.isolation.kind, 'reset');
      for (let count = 0; count < 20; count++) assert.equal((await ask('/seen')).text, '0');
    });

    it('passes bodies through, whole and in order', async () => {
      const body = Array.from({ length: 60_000 }, (_, index) => index % 10).join('');
      assert.equal((await ask('/echo', body)).text, body);
      assert.equal((await ask('/length', body)).text, '60000');
      assert.equal((await ask('/echo', '')).text, '');
    });

    it('passes on a body that is larger than what may wait to be sent', async () => {
      const body = 'x'.repeat(3_000_000);
      const { text } = await ask('/echo', body);
      assert.equal(text.length, body.length);
    });

    it('streams what the guest writes, as it writes it', async () => {
      const { text, headers } = await ask('/stream/20');
      assert.equal(text.length, 20_000);
      assert.equal(headers['transfer-encoding'], 'chunked');
    });

    it('sends trailers, and no body where there is none', async () => {
      const { text, response } = await ask('/trailers');
      assert.deepEqual([text, response.trailers], ['with trailers', { 'x-checksum': 'abc' }]);
      const { status, headers } = await ask('/empty/204');
      assert.deepEqual([status, headers['content-length']], [204, undefined]);
    });

    it('answers a request for the head without the trailers of the body', async () => {
      const sent = httpRequest({ host, port: served.port, path: '/trailers', method: 'HEAD' });
      const [response] = (await once(sent.end(), 'response')) as [IncomingMessage];
      await response.toArray();
      assert.deepEqual([response.statusCode, response.headers.trailer], [200, undefined]);
    });

    it('tells who is asked for', async () => {
      assert.equal((await ask('/authority')).text, `${host}:${served.port}`);
    });

    it('lets the guest go on after its response', async () => {
      assert.equal((await ask('/after')).text, 'before');
      while (!served.world.output.text.includes('after the response')) await delay(5);
    });

    it('answers for a guest that traps, exits, fails or asks for nonsense', async () => {
      const failures: unknown[] = [];
      const { server, port } = await serve({ onFailure: (failure) => failures.push(failure) });
      assert.equal((await ask('/trap', undefined, port)).status, 500);
      assert.equal((await ask('/exit', undefined, port)).status, 500);
      assert.equal((await ask('/fail', undefined, port)).status, 502);
      assert.equal((await ask('/empty/101', undefined, port)).status, 502);
      assert.equal((await ask('/hello', undefined, port)).status, 200);
      assert.match(String(failures[2]), /answered with an error: loop-detected$/);
      assert.equal(failures.length, 4);
      await server.drain();
    });

    it('gives up a guest that takes too long', async () => {
      const { server, port } = await serve({ requestTimeout: 50 });
      assert.equal((await ask('/forever', undefined, port)).status, 504);
      assert.equal((await ask('/hello', undefined, port)).status, 200);
      await server.drain();
    });

    it('handles many requests at once, each alone', async () => {
      const paths = ['/seen', '/hello', '/stream/3', '/trap', '/echo'];
      const all = Array.from({ length: 60 }, (_, index) => ask(paths[index % paths.length] ?? '/'));
      const answers = await Promise.all(all);
      assert.ok(answers.every(({ text }, index) => index % 5 !== 0 || text === '0'));
      assert.ok(answers.every(({ text }, index) => index % 5 !== 2 || text.length === 3000));
    });

    it('sends requests where the policy lets it', async () => {
      await using peer = createServer(async (request, response) => {
        const body = Buffer.concat(await request.toArray());
        response.end(`${request.method} ${request.url} ${body}`);
      }).listen(0, host);
      await once(peer, 'listening');
      const { port: there } = peer.address() as AddressInfo;
      assert.equal((await ask(`/fetch/${host}:${there}`)).status, 502);
      await using http = new UndiciHttp({ policy: new EgressPolicy([{ cidrs: ['127.0.0.0/8'] }]) });
      const { server, port } = await serve({}, { http });
      const { text } = await ask(`/fetch/${host}:${there}`, undefined, port);
      assert.equal(text, 'POST /from-a-guest a body');
      await server.drain();
    });
  });
}

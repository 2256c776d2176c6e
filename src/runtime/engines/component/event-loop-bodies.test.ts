import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { logOf, TestRuntime } from '../../../../tests/runtime/test-runtime.ts';
import { freePort } from '../../../../tests/support/free-port.ts';
import type { HttpSpec, StartForm } from '../../container-spec.ts';

const host = '127.0.0.1';
const routes = path.resolve(
  import.meta.dirname,
  '../../../../tests/fixtures/components/http-routes.wasm',
);

for (const start of ['fork', 'exec'] satisfies StartForm[]) {
  describe(`openHttpServer, ${start}`, () => {
    const test = new TestRuntime();
    after(() => test[Symbol.asyncDispose]());

    async function serve(over: Partial<HttpSpec> = {}) {
      const port = await freePort(host);
      const http = { listen: { address: host, port }, serving: {}, egress: [], ...over };
      const container = await test.runtime.start(test.spec(routes, { start, http }));
      const url = `http://${host}:${port}`;
      return {
        container,
        port,
        get: async (route: string, init?: RequestInit) => await fetch(`${url}/${route}`, init),
      };
    }

    it('answers each request with an instance in its initial state', async () => {
      const { get, container } = await serve();
      for (let round = 0; round < 3; round++) assert.equal(await (await get('seen')).text(), '1');
      const body = 'x'.repeat(300_000);
      assert.equal(await (await get('echo', { method: 'POST', body })).text(), body);
      await container.stop(5);
    });

    it('answers 500 to the request that traps, and to that one alone', async () => {
      const { get, container } = await serve();
      const [trapped, slow] = await Promise.all([get('trap'), get('sleep/100')]);
      assert.deepEqual([trapped.status, slow.status], [500, 200]);
      assert.equal((await get('seen')).status, 200);
      assert.match(logOf(container), /Guest trapped[\s\S]*wasm:\/\//);
      await container.stop(0);
    });

    it('streams a response as it comes', async () => {
      const { get, container } = await serve();
      const chunks: string[] = [];
      for await (const chunk of (await get('drip')).body ?? []) {
        chunks.push(Buffer.from(chunk).toString());
      }
      assert.equal(chunks.join(''), '0\n1\n2\n3\n4\n');
      assert.ok(chunks.length > 1);
      await container.stop(0);
    });

    it('finishes what is in flight when it is stopped, and takes nothing new', async () => {
      const { get, port, container } = await serve();
      assert.equal((await get('seen')).status, 200);
      const slow = get('sleep/400');
      await sleep(100);
      const stopped = container.stop(10);
      await sleep(100);
      await assert.rejects(once(connect(port, host), 'connect'), { code: 'ECONNREFUSED' });
      assert.equal(await (await slow).text(), 'awake');
      assert.equal((await stopped).exitCode, 0);
    });

    it('ends well from the moment that it is said to run', async () => {
      const { container } = await serve();
      assert.equal((await container.stop(10)).exitCode, 0);
    });

    it('loses no request when it is stopped under load', async () => {
      const { get, container } = await serve();
      const statuses: number[] = [];
      const refusals: unknown[] = [];
      const client = async () => {
        while (refusals.length === 0) {
          await get('sleep/5').then(
            async (response) => {
              await response.text();
              statuses.push(response.status);
            },
            (failure: Error) => refusals.push(failure.cause),
          );
        }
      };
      const clients = Array.from({ length: 8 }, client);
      while (statuses.length < 50) await sleep(5);
      assert.equal((await container.stop(10)).exitCode, 0);
      await Promise.all(clients);
      assert.deepEqual(new Set(statuses), new Set([200]));
      for (const refusal of refusals) assert.match(String(refusal), /ECONNREFUSED/);
    });

    it('lets requests find what earlier ones left where it is asked to', async () => {
      const { get, container } = await serve({ serving: { shareState: true } });
      for (const seen of ['1', '2', '3']) assert.equal(await (await get('seen')).text(), seen);
      await container.stop(0);
    });

    it('notes requests where it is asked to, and cuts those that take too long', async () => {
      const { get, container } = await serve({
        serving: { accessLog: true, requestTimeout: 100, maximumBodySize: 1000 },
      });
      assert.equal((await get('sleep/5000')).status, 504);
      const noted = /^GET \/sleep\/5000 504 /m;
      for (let round = 0; round < 50 && !noted.test(logOf(container)); round++) await sleep(20);
      assert.match(logOf(container), noted);
      assert.match(logOf(container), /^GET \/sleep\/5000: The request took too long$/m);
      await container.stop(0);
    });

    it('sends requests only where the spec lets it', async () => {
      const server = createServer((_, response) => response.end('from outside'));
      server.listen(0, host);
      await once(server, 'listening');
      const { port } = server.address() as AddressInfo; // listens on TCP
      const denied = await serve();
      assert.match(await (await denied.get(`proxy/${host}:${port}/`)).text(), /Denied/);
      await denied.container.stop(0);
      const egress = [{ cidrs: [`${host}/32`], ports: [port] }];
      const allowed = await serve({ egress });
      const answer = await (await allowed.get(`proxy/${host}:${port}/`)).text();
      assert.equal(answer, 'from outside');
      server.closeAllConnections();
      server.close();
      await allowed.container.stop(0);
    });
  });
}

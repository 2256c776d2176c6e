import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { text } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import { type SendingModuleInit, sendingModule } from '../../../tests/runtime/sending-module.ts';
import { logOf, TestRuntime } from '../../../tests/runtime/test-runtime.ts';
import type { HttpSpec } from '../container-spec.ts';

const host = '127.0.0.1';

for (const start of ['fork', 'exec'] as const) {
  describe(`openModuleClient, ${start}`, () => {
    const test = new TestRuntime();
    let server: Server;
    let port: number;

    before(async () => {
      server = createServer(async (request, response) => {
        if (request.url === '/away') {
          response.writeHead(302, { location: `http://127.0.0.2:${port}/` }).end();
        } else if (request.url === '/on') {
          response.writeHead(302, { location: '/hello' }).end();
        } else if (request.url === '/large') {
          response.end('x'.repeat(300_000));
        } else {
          response.writeHead(request.url === '/none' ? 404 : 200, { 'x-name': 'Ada' });
          const { 'x-field': field = '' } = request.headers;
          response.end(`${request.method} ${request.url} ${field} ${await text(request)}`);
        }
      }).listen(0, '0.0.0.0');
      await once(server, 'listening');
      const address = server.address();
      port = typeof address === 'object' ? (address?.port ?? 0) : 0;
    });
    after(async () => {
      server.close();
      await test[Symbol.asyncDispose]();
    });

    async function run(init: SendingModuleInit, over: Partial<HttpSpec> = {}) {
      const egress = [{ cidrs: [`${host}/32`], ports: [port, 1] }];
      const http = { listen: { address: host, port: 0 }, serving: {}, egress, ...over };
      const container = await test.start(sendingModule(init), { start, http });
      const { exitCode } = await container.exited;
      return { exitCode, output: logOf(container).trim() };
    }
    const at = (path: string) => `http://${host}:${port}${path}`;

    it('sends a request and gives its response', async () => {
      const headers = 'x-field:value\nother: one';
      const init = { url: at('/a?b'), method: 'POST', headers, body: 'the body', field: 'X-Name' };
      assert.deepEqual(await run(init), { exitCode: 100, output: 'AdaPOST /a?b value the body' });
      const { exitCode, output } = await run({ url: at('/none') });
      assert.equal(exitCode, 304 & 0xff);
      assert.match(output, /^x-name:Ada$/m);
      assert.equal((await run({ url: at('/large'), field: 'content-type' })).exitCode, 5);
      const { output: large } = await run({ url: at('/large'), field: 'content-length' });
      assert.equal(large.split('x').length - 1, 300_000);
    });

    it('follows redirections to where the policy allows requests', async () => {
      assert.match((await run({ url: at('/on') })).output, /GET \/hello/);
      assert.equal((await run({ url: at('/away') })).exitCode, 7);
    });

    it('sends nothing to where the policy does not allow it', async () => {
      assert.equal((await run({ url: at('/') }, { egress: [] })).exitCode, 7);
      const egress = [{ hosts: ['example.org'], ports: [port] }];
      assert.equal((await run({ url: at('/') }, { egress })).exitCode, 7);
    });

    it('says what is wrong', async () => {
      const wrong = [
        [{ url: 'nothing' }, 10],
        [{ url: 'file:///etc/passwd' }, 10],
        [{ url: at('/'), method: 'GET /' }, 8],
        [{ url: at('/'), headers: 'nothing' }, 9],
        [{ url: `http://${host}:1/` }, 11],
        [{ url: at('/'), field: 'none' }, 5],
      ] as const;
      for (const [init, exitCode] of wrong) {
        assert.equal((await run(init)).exitCode, exitCode, JSON.stringify(init));
      }
    });

    it('lets a module hold so many responses as it may, and no more', async () => {
      assert.equal((await run({ url: at('/'), times: 3 }, { maximumOutgoing: 3 })).exitCode, 100);
      assert.equal((await run({ url: at('/'), times: 4 }, { maximumOutgoing: 3 })).exitCode, 13);
    });
  });
}

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { text } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import { logOf, TestRuntime } from '../../../tests/runtime/test-runtime.ts';
import type { HttpSpec } from '../container-spec.ts';

const host = '127.0.0.1';

interface GuestInit {
  readonly url: string;
  readonly method?: string;
  readonly headers?: string;
  readonly body?: string;
  /** The field whose value is written before the body; all fields without a name. */
  readonly field?: string;
  /** How often the request is sent, each response held open. @default 1 */
  readonly times?: number;
}

/**
 * Sends a request and writes fields and the body of the response; ends with the status of HTTP less
 * 100, or with the error of the call that failed.
 */
function guest({ url, method = 'GET', headers = '', body = '', field, times = 1 }: GuestInit) {
  const data = { url, method, headers, body, field: field ?? '' };
  let at = 1024;
  const places = Object.entries(data).map(([name, value]) => {
    const place = { name, at, size: Buffer.byteLength(value), value };
    at += place.size;
    return place;
  });
  const arg = (name: string) => {
    const place = places.find((each) => each.name === name);
    return `(i32.const ${place?.at}) (i32.const ${place?.size})`;
  };
  const fields =
    field === undefined
      ? '(call $all (i32.load (i32.const 4)) (i32.const 8192) (i32.const 8192) (i32.const 8))'
      : `(call $get (i32.load (i32.const 4)) ${arg('field')} (i32.const 8192) (i32.const 64) (i32.const 8))`;
  const hex = (value: string) =>
    [...Buffer.from(value)].map((byte) => `\\${byte.toString(16).padStart(2, '0')}`).join('');
  return `(module
    (import "wasi_experimental_http" "req" (func $req (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32)))
    (import "wasi_experimental_http" "close" (func $close (param i32) (result i32)))
    (import "wasi_experimental_http" "header_get" (func $get (param i32 i32 i32 i32 i32 i32) (result i32)))
    (import "wasi_experimental_http" "headers_get_all" (func $all (param i32 i32 i32 i32) (result i32)))
    (import "wasi_experimental_http" "body_read" (func $read (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
    (memory (export "memory") 2)
    ${places.map((place) => `(data (i32.const ${place.at}) "${hex(place.value)}")`).join('\n')}
    (func $must (param $error i32) (if (local.get $error) (then (call $exit (local.get $error)))))
    (func $print
      (i32.store (i32.const 16) (i32.const 8192))
      (i32.store (i32.const 20) (i32.load (i32.const 8)))
      (call $must (call $write (i32.const 1) (i32.const 16) (i32.const 1) (i32.const 24))))
    (func (export "_start") (local $left i32)
      (local.set $left (i32.const ${times}))
      (loop $again
        (call $must (call $req ${arg('url')} ${arg('method')} ${arg('headers')} ${arg('body')} (i32.const 0) (i32.const 4)))
        (local.set $left (i32.sub (local.get $left) (i32.const 1)))
        (br_if $again (local.get $left)))
      (call $must ${fields})
      (call $print)
      (loop $more
        (call $must (call $read (i32.load (i32.const 4)) (i32.const 8192) (i32.const 4096) (i32.const 8)))
        (if (i32.load (i32.const 8)) (then (call $print) (br $more))))
      (call $must (call $close (i32.load (i32.const 4))))
      (if (i32.ne (call $read (i32.load (i32.const 4)) (i32.const 8192) (i32.const 1) (i32.const 8)) (i32.const 1))
        (then unreachable))
      (call $exit (i32.sub (i32.load16_u (i32.const 0)) (i32.const 100)))))`;
}

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

    async function run(init: GuestInit, over: Partial<HttpSpec> = {}) {
      const egress = [{ cidrs: [`${host}/32`], ports: [port, 1] }];
      const http = { listen: { address: host, port: 0 }, serving: {}, egress, ...over };
      const container = await test.start(guest(init), { start, http });
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

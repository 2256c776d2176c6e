import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { after, describe, it } from 'node:test';
import { logOf, TestRuntime } from '../../../../tests/runtime/test-runtime.ts';
import { freePort } from '../../../../tests/support/free-port.ts';
import type { HttpServingSpec } from '../../container-spec.ts';

const host = '127.0.0.1';

/** Counts in its memory how often it has run, then answers with its variables and its input. */
const echo = `(module
  (import "wasi_snapshot_preview1" "environ_sizes_get" (func $sizes (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "environ_get" (func $environ (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 4)
  (data (i32.const 64) "Content-Type: text/plain\\n\\n0 ")
  (func $print (param $from i32) (param $length i32)
    (i32.store (i32.const 0) (local.get $from))
    (i32.store (i32.const 4) (local.get $length))
    (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 16))))
  (func (export "_start")
    (i32.store8 (i32.const 90) (i32.add (i32.load8_u (i32.const 90)) (i32.const 1)))
    (call $print (i32.const 64) (i32.const 28))
    (drop (call $sizes (i32.const 20) (i32.const 24)))
    (drop (call $environ (i32.const 1024) (i32.const 8192)))
    (call $print (i32.const 8192) (i32.load (i32.const 24)))
    (loop $more
      (i32.store (i32.const 0) (i32.const 65536))
      (i32.store (i32.const 4) (i32.const 60000))
      (drop (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 16)))
      (if (i32.load (i32.const 16)) (then
        (call $print (i32.const 65536) (i32.load (i32.const 16)))
        (br $more))))))`;
const trapping = '(module (memory (export "memory") 1) (func (export "_start") unreachable))';
const computing =
  '(module (memory (export "memory") 1) (func (export "_start") (loop $l (br $l))))';
const silent = '(module (memory (export "memory") 1) (func (export "_start")))';
/** Waits for an hour on a clock. */
const waiting = `(module
  (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "_start")
    (i32.store (i32.const 16) (i32.const 1))
    (i64.store (i32.const 24) (i64.const 3600000000000))
    (drop (call $poll (i32.const 0) (i32.const 256) (i32.const 1) (i32.const 512)))))`;

for (const start of ['fork', 'exec'] as const) {
  describe(`openCgiServer, ${start}`, () => {
    const test = new TestRuntime();
    after(() => test[Symbol.asyncDispose]());

    async function serve(source: string, serving: HttpServingSpec = {}) {
      const port = await freePort(host);
      const http = { listen: { address: host, port }, serving, cgi: true, egress: [] };
      const env = [
        { name: 'GREETING', value: 'hello' },
        { name: 'REQUEST_METHOD', value: 'NONE' },
      ];
      const spec = test.spec(test.module(source), { start, http, env });
      const container = await test.runtime.start(spec);
      return {
        container,
        get: (path: string, init?: RequestInit) => fetch(`http://${host}:${port}${path}`, init),
        port,
      };
    }

    it('runs the module anew for each request, with its variables and its body', async () => {
      const { container, get } = await serve(echo);
      for (let round = 0; round < 3; round++) {
        const response = await get('/a%20b?c=d', { method: 'POST', body: 'the body' });
        assert.equal(response.status, 200);
        assert.equal(response.headers.get('content-type'), 'text/plain');
        const [first = '', ...rest] = (await response.text()).split('\0');
        assert.equal(first, '1 GREETING=hello');
        assert.equal(rest.at(-1), 'the body');
        for (const variable of [
          'REQUEST_METHOD=POST',
          'PATH_INFO=/a b',
          'QUERY_STRING=c=d',
          'CONTENT_LENGTH=8',
        ]) {
          assert.ok(rest.includes(variable), variable);
        }
        assert.ok(!rest.includes('REQUEST_METHOD=NONE'));
      }
      const large = 'x'.repeat(300_000);
      assert.ok((await (await get('/', { method: 'PUT', body: large })).text()).endsWith(large));
      assert.equal((await container.stop(5)).exitCode, 0);
    });

    it('answers 500 where the module traps or answers nothing, and goes on', async () => {
      const { container, get } = await serve(trapping);
      assert.deepEqual([(await get('/')).status, (await get('/')).status], [500, 500]);
      assert.match(logOf(container), /Guest trapped: unreachable[\s\S]*wasm:\/\//);
      await container.stop(0);
      const other = await serve(silent);
      assert.equal((await other.get('/')).status, 500);
      assert.match(logOf(other.container), /no empty line ends its head/);
      await other.container.stop(0);
    });

    it('answers 504 where the module computes or waits for too long', async () => {
      for (const source of [computing, waiting]) {
        const { container, get } = await serve(source, { requestTimeout: 200 });
        assert.deepEqual([(await get('/')).status, (await get('/')).status], [504, 504]);
        await container.stop(0);
      }
    });

    it('refuses bodies that are too large, and paths that are no text', async () => {
      const { container, get, port } = await serve(echo, { maximumBodySize: 1000 });
      assert.equal((await get('/', { method: 'POST', body: 'x'.repeat(2000) })).status, 413);
      const asked = request({ host, port, path: '/%ff' }).end();
      const [response] = await once(asked, 'response');
      await text(response);
      assert.equal(response.statusCode, 400);
      assert.equal((await get('/')).status, 200);
      await container.stop(0);
    });
  });
}

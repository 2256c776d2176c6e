import assert from 'node:assert/strict';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { HttpContainer, type HttpContainerInit } from './http-container.ts';
import { logOf, TestRuntime } from './test-runtime.ts';

const fixtures = path.resolve(import.meta.dirname, '../fixtures/components');
const threads = 2;
/** A CGI program that answers with its input. */
const echo = `(module
  (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 2)
  (data (i32.const 64) "Content-Type: text/plain\\n\\n")
  (func $print (param $from i32) (param $length i32)
    (i32.store (i32.const 0) (local.get $from))
    (i32.store (i32.const 4) (local.get $length))
    (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 16))))
  (func (export "_start")
    (call $print (i32.const 64) (i32.const 26))
    (loop $more
      (i32.store (i32.const 0) (i32.const 65536))
      (i32.store (i32.const 4) (i32.const 60000))
      (drop (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 16)))
      (if (i32.load (i32.const 16)) (then
        (call $print (i32.const 65536) (i32.load (i32.const 16)))
        (br $more))))))`;

const start = 'POST /echo HTTP/1.1\r\nhost: x\r\n';
/** What is behind the end of a request, to whoever finds that end elsewhere. */
const inner = 'GET /smuggled HTTP/1.1\r\nhost: x\r\n\r\n';

/** Requests that mean different things to different readers. */
const ambiguous: Readonly<Record<string, string>> = {
  'a length beside chunks': `${start}content-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n${inner}`,
  'chunks beside a length': `${start}transfer-encoding: chunked\r\ncontent-length: ${inner.length + 5}\r\n\r\n0\r\n\r\n${inner}`,
  'two lengths': `${start}content-length: 0\r\ncontent-length: ${inner.length}\r\n\r\n${inner}`,
  'a list of lengths': `${start}content-length: 0, ${inner.length}\r\n\r\n${inner}`,
  'a length with a sign': `${start}content-length: +${inner.length}\r\n\r\n${inner}`,
  'a length below nought': `${start}content-length: -1\r\n\r\n${inner}`,
  'a length in hexadecimal': `${start}content-length: 0x10\r\n\r\n${inner}`,
  'a length beyond all numbers': `${start}content-length: 99999999999999999999999\r\n\r\n${inner}`,
  'a space before the colon': `${start}transfer-encoding : chunked\r\n\r\n0\r\n\r\n${inner}`,
  'a field that is folded': `${start}x: y\r\n transfer-encoding: chunked\r\n\r\n${inner}`,
  'an encoding that nobody knows': `${start}transfer-encoding: xchunked\r\n\r\n0\r\n\r\n${inner}`,
  'chunks that are not the last encoding': `${start}transfer-encoding: chunked, identity\r\n\r\n0\r\n\r\n${inner}`,
  'an encoding behind a control character': `${start}transfer-encoding: \x0bchunked\r\n\r\n0\r\n\r\n${inner}`,
  'a field with a carriage return': `${start}x: y\rtransfer-encoding: chunked\r\n\r\n${inner}`,
  'a field with a zero': `${start}x: y\0z\r\n\r\n${inner}`,
  'a line without a colon': `${start}transfer-encoding chunked\r\n\r\n0\r\n\r\n${inner}`,
  'a chunk of a size below nought': `${start}transfer-encoding: chunked\r\n\r\n-1\r\n\r\n${inner}`,
  'a chunk of a size beyond all numbers': `${start}transfer-encoding: chunked\r\n\r\nfffffffffffffffff\r\n\r\n${inner}`,
  'a chunk of a size in C': `${start}transfer-encoding: chunked\r\n\r\n0x0\r\n\r\n${inner}`,
  'two hosts': `${start}host: y\r\n\r\n${inner}`,
  'two encodings': `${start}transfer-encoding: identity\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n${inner}`,
  'no host': 'POST /echo HTTP/1.1\r\n\r\n',
  'a version that nobody knows': `POST /echo HTTP/9.9\r\nhost: x\r\n\r\n${inner}`,
  'a target with a space': `POST /echo x HTTP/1.1\r\nhost: x\r\n\r\n${inner}`,
  'a method that is none': `PO(ST /echo HTTP/1.1\r\nhost: x\r\n\r\n${inner}`,
};

/** Requests that are refused before all of them has been read. */
const tooLarge: Readonly<Record<string, string>> = {
  'a head that is too large': `${start}x: ${'x'.repeat(40_000)}\r\n\r\n`,
  'a head of too many fields': `${start}${'x: yyyyyyyyyy\r\n'.repeat(4_000)}\r\n`,
  'a target that is too large': `GET /${'x'.repeat(40_000)} HTTP/1.1\r\nhost: x\r\n\r\n`,
};

const kinds: Readonly<Record<string, (test: TestRuntime) => Promise<HttpContainer>>> = {
  'a component of WASI 0.2': (test) => served(test, 'http-routes'),
  'a component of WASI 0.2, by threads': async (test) => {
    const container = await served(test, 'http-routes', { serving: { threads } });
    await container.busyThreads(threads);
    return container;
  },
  'a component of WASI 0.3': (test) => served(test, 'http-service'),
  'a module that answers as CGI programs do': (test) =>
    HttpContainer.start(test, test.module(echo), { cgi: true, serving: { accessLog: true } }),
};

async function served(test: TestRuntime, name: string, init: HttpContainerInit = {}) {
  return await HttpContainer.start(test, path.join(fixtures, `${name}.wasm`), {
    ...init,
    serving: { accessLog: true, ...init.serving },
  });
}

for (const [kind, open] of Object.entries(kinds)) {
  describe(`hostile clients of ${kind}`, () => {
    const test = new TestRuntime();
    let container: HttpContainer;
    before(async () => {
      container = await open(test);
    });
    after(async () => {
      await container[Symbol.asyncDispose]();
      await test[Symbol.asyncDispose]();
    });

    const isWell = async () => {
      assert.equal((await container.ask('echo', 'well')).body, 'well');
    };

    for (const [what, bytes] of Object.entries(ambiguous)) {
      it(`are refused with ${what}, and with all that follows`, async () => {
        const before = logOf(container.container).length;
        const answer = await text(container.open(bytes));
        assert.match(answer, /^HTTP\/1\.1 4(00|31) /);
        assert.equal(answer.match(/HTTP\/1\.1 \d/g)?.length, 1, answer);
        assert.doesNotMatch(logOf(container.container).slice(before), /smuggled/);
        await isWell();
      });
    }

    for (const [what, bytes] of Object.entries(tooLarge)) {
      it(`are refused with ${what}`, async () => {
        // A connection that is closed with bytes unread is reset, which may overtake the answer.
        const answer = await text(container.open(bytes)).catch((failure) => failure.code);
        assert.match(answer, /^(HTTP\/1\.1 4(00|31) |ECONNRESET$)/);
        await isWell();
      });
    }

    it('are answered no further behind a chunk that is longer than it says', async () => {
      const before = logOf(container.container).length;
      const body = `1\r\nabc\r\n0\r\n\r\n${inner}`;
      const answer = await text(
        container.open(`${start}transfer-encoding: chunked\r\n\r\n${body}`),
      );
      // What was good of the body may be on its way back already; its end is not.
      assert.match(answer, /^HTTP\/1\.1 (400 |200 [\s\S]*\r\n1\r\na\r\n$)/);
      assert.equal(answer.match(/HTTP\/1\.1 \d/g)?.length, 1, answer);
      assert.doesNotMatch(logOf(container.container).slice(before), /smuggled/);
      await isWell();
    });

    it('have what follows a body that is as long as it says taken for a request of its own', async () => {
      const close = 'GET /last HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n';
      const answer = await text(container.open(`${start}content-length: 4\r\n\r\nbody${close}`));
      assert.equal(answer.match(/HTTP\/1\.1 \d/g)?.length, 2, answer);
      assert.doesNotMatch(answer, /GET \/last/);
    });

    it('are not waited for when they are slow', { timeout: 60_000 }, async () => {
      const slow = ['GET /', `${start}x-a: `, `${start}content-length: 9\r\nx-a: `].map((bytes) =>
        container.open(bytes),
      );
      // What they go on to say may be answered by a reset, and lose them the answer.
      const closed = slow.map((socket) => text(socket).catch(() => ''));
      const trickle = setInterval(() => {
        for (const socket of slow) socket.write('x');
      }, 200);
      await isWell();
      // Ten seconds are given to a head, however it comes.
      const answers = await Promise.all(closed).finally(() => clearInterval(trickle));
      for (const answer of answers) assert.match(answer, /^(HTTP\/1\.1 408 |$)/);
      await isWell();
    });

    it('may leave at any moment', async () => {
      for (let round = 0; round < 200; round++) {
        const socket = container.open(`${start}content-length: 40\r\n\r\nsome of it`);
        await sleep(round / 20);
        socket.resetAndDestroy();
      }
      await isWell();
    });

    it('keep nobody else from being answered, many as they are', async () => {
      const idle = Array.from({ length: 600 }, () => container.open(start));
      await sleep(100);
      await isWell();
      for (const socket of idle) socket.destroy();
      await isWell();
    });
  });
}

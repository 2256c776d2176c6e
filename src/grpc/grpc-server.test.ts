import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { createServer as createHttp2, type ServerHttp2Stream } from 'node:http2';
import { createServer, type Server } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { call, callStream } from './call.ts';
import { GrpcError, grpcCodes } from './grpc-error.ts';
import { GrpcServer, serve, serveStream } from './grpc-server.ts';
import { integer, text } from './protobuf/fields.ts';
import { message } from './protobuf/message.ts';

const word = message({ text: text(1) });
const count = message({ count: integer(1) });
const echo = { path: '/test.Echo/Echo', request: word, response: word };
const fail = { path: '/test.Echo/Fail', request: word, response: word };
const hang = { path: '/test.Echo/Hang', request: word, response: word };
const numbers = { path: '/test.Echo/Numbers', request: count, response: count };

/** A frame of HTTP/2 by its type: https://www.rfc-editor.org/rfc/rfc9113#section-6 */
function frame(type: number, flags: number, stream: number, payload: readonly number[]): Buffer {
  return Buffer.from([0, 0, payload.length, type, flags, 0, 0, 0, stream, ...payload]);
}

const endHeaders = 0x4;
const settings = frame(0x4, 0, 0, []);
/** A promise of stream 2 as an answer to stream 1: GET http://a/ */
const request = [0x82, 0x84, 0x86, 0x41, 1, 'a'.charCodeAt(0)];
const pushed = frame(0x5, endHeaders, 1, [0, 0, 0, 2, ...request]);
/** Its answer: status 200. */
const pushedHeaders = frame(0x1, endHeaders, 2, [0x88]);
const internalError = 2;
const reset = (stream: number) => frame(0x3, 0, stream, [0, 0, 0, internalError]);

describe('GrpcServer', () => {
  const directory = mkdtempSync(path.join(os.tmpdir(), 'krustlet-grpc-'));
  const address = { path: path.join(directory, 'sub', 'server.sock') };
  let streamEnded = Promise.withResolvers<void>();
  const server = new GrpcServer([
    serve(echo, (request) => request),
    serve(fail, ({ text: said }) => {
      throw said === '' ? new Error('broken') : new GrpcError(grpcCodes.notFound, said);
    }),
    serve(hang, () => new Promise(() => undefined)),
    serveStream(numbers, async function* ({ count: last }, signal) {
      try {
        for (let at = 1; at <= last; at += 1) yield { count: at };
        if (last > 0) return;
        yield {};
        await once(signal, 'abort');
      } finally {
        streamEnded.resolve();
      }
    }),
  ]);

  before(() => server.listen(address.path));
  after(async () => {
    await server[Symbol.asyncDispose]();
    rmSync(directory, { recursive: true });
  });

  it('answers, with messages of up to 4 MiB', async () => {
    for (const length of [0, 1, 100_000, 4 * 1024 * 1024 - 10]) {
      const said = 'x'.repeat(length);
      assert.equal((await call(address, echo, { text: said })).text.length, length);
    }
  });

  it('refuses a message that is larger, and goes on', async () => {
    const said = 'x'.repeat(4 * 1024 * 1024);
    await assert.rejects(call(address, echo, { text: said }), {
      code: grpcCodes.resourceExhausted,
    });
    assert.equal((await call(address, echo, { text: 'on' })).text, 'on');
  });

  it('says why a call failed', async () => {
    await assert.rejects(call(address, fail, { text: 'näh: 100%' }), {
      name: 'GrpcError',
      code: grpcCodes.notFound,
      message: 'näh: 100%',
    });
    await assert.rejects(call(address, fail, {}), { code: grpcCodes.unknown, message: 'broken' });
    await assert.rejects(call(address, { ...echo, path: '/test.Echo/No' }, {}), {
      code: grpcCodes.unimplemented,
    });
  });

  it('streams answers until they end', async () => {
    const seen: number[] = [];
    for await (const each of callStream(address, numbers, { count: 5 })) seen.push(each.count);
    assert.deepEqual(seen, [1, 2, 3, 4, 5]);
  });

  it('ends a stream that nobody reads any more', async () => {
    streamEnded = Promise.withResolvers();
    const stop = new AbortController();
    const stream = callStream(address, numbers, { count: 0 }, { signal: stop.signal });
    assert.deepEqual((await stream.next()).value, { count: 0 });
    stop.abort();
    await assert.rejects(stream.next(), { name: 'AbortError' });
    await streamEnded.promise;
  });

  it('ends calls at their deadline or by their signal', async () => {
    await assert.rejects(call(address, hang, {}, { timeout: 50 }), {
      code: grpcCodes.deadlineExceeded,
    });
    await assert.rejects(call(address, hang, {}, { signal: AbortSignal.abort() }), {
      name: 'AbortError',
    });
  });

  it('replaces a socket that an earlier life left, and is for its user alone', async () => {
    const socket = path.join(directory, 'second.sock');
    const earlier = new GrpcServer([]);
    await earlier.listen(socket);
    await using later = new GrpcServer([serve(echo, (request) => request)]);
    await later.listen(socket);
    assert.equal(statSync(socket).mode & 0o777, 0o600);
    assert.equal((await call({ path: socket }, echo, { text: 'a' })).text, 'a');
    await earlier[Symbol.asyncDispose]();
  });
});

describe('call', () => {
  const directory = mkdtempSync(path.join(os.tmpdir(), 'krustlet-grpc-'));
  after(() => rmSync(directory, { recursive: true }));

  const failures: readonly [string, () => Server][] = [
    ['nobody who listens', () => createServer()],
    ['who hangs up', () => createServer((socket) => socket.destroy())],
    ['who speaks another protocol', () => createServer((socket) => socket.end('SSH-2.0-x\r\n'))],
  ];
  for (const [index, [what, make]] of failures.entries()) {
    it(`fails with ${what}`, async () => {
      const socket = path.join(directory, `${index}.sock`);
      const server = make();
      if (index > 0) await once(server.listen(socket), 'listening');
      const failing = call({ path: socket }, echo, {});
      await assert.rejects(failing, { name: 'GrpcError', code: grpcCodes.unavailable });
      if (index > 0) server.close();
    });
  }

  const uncaught: Error[] = [];
  const note = (error: Error) => uncaught.push(error);
  before(() => process.on('uncaughtExceptionMonitor', note));
  after(() => process.off('uncaughtExceptionMonitor', note));

  const hostile: readonly [string, readonly (readonly Buffer[])[]][] = [
    ['in one go', [[settings, pushed, pushedHeaders, reset(2), reset(1)]]],
    ['one after the other', [[settings], [pushed], [pushedHeaders], [reset(2)], [reset(1)]]],
    ['and says no more', [[settings], [pushed, pushedHeaders, reset(2)]]],
    ['and leaves them open', [[settings, pushed, pushedHeaders], [reset(1)]]],
  ];
  for (const [index, [how, chunks]] of hostile.entries()) {
    it(`survives a server that pushes streams and resets them, ${how}`, async () => {
      const socket = path.join(directory, `hostile-${index}.sock`);
      const server = createServer((client) => {
        client.on('error', () => client.destroy());
        client.once('data', async () => {
          for (const chunk of chunks) {
            client.write(Buffer.concat(chunk));
            await setTimeout(20);
          }
        });
      });
      await once(server.listen(socket), 'listening');
      await assert.rejects(call({ path: socket }, echo, {}, { timeout: 200 }), GrpcError);
      await setTimeout(100); // until all is said
      server.close();
      assert.deepEqual(uncaught, []);
    });
  }

  it('tells a server that it wants nothing pushed', async () => {
    const socket = path.join(directory, 'push.sock');
    const server = createHttp2();
    const allowed = Promise.withResolvers<boolean>();
    server.on('stream', (stream: ServerHttp2Stream) => {
      allowed.resolve(stream.pushAllowed);
      stream.respond({ 'grpc-status': '5' }, { endStream: true });
    });
    await once(server.listen(socket), 'listening');
    await assert.rejects(call({ path: socket }, echo, {}), { code: grpcCodes.notFound });
    assert.equal(await allowed.promise, false);
    server.close();
  });

  it('fails with a server that answers without a status', async () => {
    const socket = path.join(directory, 'http.sock');
    const server = createHttp2();
    server.on('request', (_request, response) => response.end());
    await once(server.listen(socket), 'listening');
    await assert.rejects(call({ path: socket }, echo, {}), { code: grpcCodes.unknown });
    server.close();
  });
});

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import http2 from 'node:http2';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { after, afterEach, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { Worker } from 'node:worker_threads';
import { ClusterAuthority } from '../../../../tests/cluster/cluster-certificates.ts';
import { EgressPolicy } from './egress-policy.ts';
import { HttpFailure } from './error-code.ts';
import { Fields } from './fields.ts';
import { type IncomingResponse, OutgoingRequest, RequestOptions } from './messages.ts';
import { UndiciHttp, type UndiciHttpInit } from './undici-http.ts';

const host = '127.0.0.3';
const policy = new EgressPolicy([{ hosts: ['*'], cidrs: [`${host}/32`] }]);
const second = 1_000_000_000n;

interface Sent {
  readonly scheme?: 'HTTP' | 'HTTPS';
  readonly options?: Partial<Record<keyof RequestOptions, bigint>>;
  readonly body?: readonly string[];
  readonly init?: UndiciHttpInit;
}

describe('UndiciHttp, to a server of its kind', () => {
  const resources = new AsyncDisposableStack();
  let directory: string;
  let secure: http2.Http2SecureServer;
  let port: number;
  /** The versions of HTTP that requests came by. */
  const versions: string[] = [];
  const trusted = getCACertificates('default');

  before(async () => {
    directory = mkdtempSync(path.join(os.tmpdir(), 'krustlet-outgoing-'));
    const authority = new ClusterAuthority(directory);
    setDefaultCACertificates([...trusted, authority.certificate]);
    const { certificate: cert, key } = authority.issue('web', {
      ...{ subject: { commonName: 'web.example' }, use: 'server' },
      dnsNames: ['web.example'],
    });
    secure = http2.createSecureServer({ cert, key, allowHTTP1: true });
    secure.on('error', () => {});
    secure.on('request', async (request, response) => {
      versions.push(request.httpVersion);
      const body = await text(request);
      response.writeHead(200, { trailer: 'x-sum' });
      for (const letter of body) response.write(letter);
      response.addTrailers({ 'x-sum': String(body.length) });
      response.end();
    });
    secure.listen(0, host);
    await once(secure, 'listening');
    ({ port } = secure.address() as AddressInfo); // listens on TCP
  });
  after(async () => {
    setDefaultCACertificates(trusted);
    await resources.disposeAsync();
    secure.close();
    rmSync(directory, { recursive: true });
  });

  async function send(authority: string, sent: Sent = {}): Promise<IncomingResponse> {
    const http = resources.use(
      new UndiciHttp({ policy, resolve: async () => [host] }, { ...sent.init }),
    );
    return await sendBy(http, authority, { scheme: 'HTTPS', ...sent });
  }

  it('speaks TLS and HTTP/2, and gives trailers', async () => {
    const response = await send(`web.example:${port}`, { body: ['a bo', 'dy'] });
    assert.equal(response.status, 200);
    const { stream } = response.body;
    assert.equal(stream && (await text(stream)), 'a body');
    assert.deepEqual(response.body.trailers(), [{ name: 'x-sum', value: '6' }]);
    assert.equal(versions.at(-1), '2.0');
  });

  it('trusts a certificate for the name that was asked for alone', async () => {
    await assert.rejects(send(`other.example:${port}`), failure('TLS-certificate-error'));
    await assert.rejects(send(`${host}:${port}`), failure('TLS-certificate-error'));
    setDefaultCACertificates(trusted);
    await assert.rejects(send(`web.example:${port}`), failure('TLS-certificate-error'));
  });

  it('says that it is not TLS what answers', async () => {
    const plain = createServer((socket) => socket.end('HTTP/1.1 200 OK\r\n\r\n')).listen(0, host);
    await once(plain, 'listening');
    const { port: other } = plain.address() as AddressInfo;
    await assert.rejects(send(`web.example:${other}`), failure('TLS-protocol-error'));
    plain.close();
  });
});

/** A listener whose queue is full: the kernel drops what would connect. */
async function listenAndAcceptNobody(): Promise<AsyncDisposable & { readonly port: number }> {
  const listen = `const { parentPort, workerData } = require('node:worker_threads');
    const server = require('node:net').createServer();
    server.listen({ port: 0, host: workerData, backlog: 1 }, () => {
      parentPort.postMessage(server.address().port);
      setImmediate(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0));
    });`;
  const worker = new Worker(listen, { eval: true, workerData: host });
  const [port] = await once(worker, 'message');
  const waiting = Array.from({ length: 4 }, () => connect(port, host).on('error', () => {}));
  await sleep(100);
  assert.ok(waiting.some(({ connecting }) => connecting));
  return {
    port,
    async [Symbol.asyncDispose]() {
      for (const socket of waiting) socket.destroy();
      await worker.terminate();
    },
  };
}

describe('UndiciHttp, to a server that means harm', () => {
  let server: Server;
  let port: number;
  let answer: (socket: Socket) => unknown;
  const sockets = new Set<Socket>();
  const clients: UndiciHttp[] = [];

  before(async () => {
    server = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => {}); // cut by the client: that is what is tested
      socket.once('data', () => answer(socket));
    }).listen(0, host);
    await once(server, 'listening');
    ({ port } = server.address() as AddressInfo); // listens on TCP
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) await client[Symbol.asyncDispose]();
    for (const socket of sockets) socket.destroy();
    sockets.clear();
  });
  after(() => server.close());

  async function send(sent: Sent = {}): Promise<IncomingResponse> {
    const http = new UndiciHttp({ policy }, { ...sent.init });
    clients.push(http);
    return await sendBy(http, `${host}:${port}`, sent);
  }

  const tooLarge = 'HTTP-response-header-section-size';
  /** Has the server send these bytes, and say no more. */
  const saying = (bytes: string) => (socket: Socket) => socket.write(bytes);

  for (const [what, bytes, kind = 'HTTP-protocol-error'] of [
    ['a head that never ends', `HTTP/1.1 200 OK\r\n${'x: y\r\n'.repeat(20_000)}`, tooLarge],
    ['a field that is too large', `HTTP/1.1 200 OK\r\nx: ${'y'.repeat(100_000)}\r\n\r\n`, tooLarge],
    ['what is no HTTP', 'SSH-2.0-OpenSSH\r\n\r\n'],
    [
      'a length beside chunks',
      'HTTP/1.1 200 OK\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
    ['two lengths', 'HTTP/1.1 200 OK\r\ncontent-length: 3\r\ncontent-length: 4\r\n\r\nabcd'],
    ['a field with a line feed alone', 'HTTP/1.1 200 OK\r\nx: y\nz\r\n\r\n'],
  ] as const) {
    it(`refuses ${what}`, async () => {
      answer = saying(bytes);
      await assert.rejects(send(), failure(kind));
    });
  }

  it('gives up where no head comes in the time that the guest gives', async () => {
    answer = () => undefined;
    const options = { firstByteTimeout: second / 20n, connectTimeout: second / 20n };
    await assert.rejects(send({ options }), failure('HTTP-response-timeout'));
  });

  it('gives up where there is no connection in the time that the guest gives', async () => {
    await using full = await listenAndAcceptNobody();
    const http = new UndiciHttp({ policy });
    clients.push(http);
    const options = { connectTimeout: second / 10n };
    const begin = performance.now();
    await assert.rejects(
      sendBy(http, `${host}:${full.port}`, { options }),
      failure('connection-timeout'),
    );
    assert.ok(performance.now() - begin < 5_000); // what connects without such an option takes ten seconds
  });

  it('does not count the time for a connection once there is one', async () => {
    answer = (socket) => {
      setTimeout(() => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n'), 300);
    };
    const options = { connectTimeout: second / 5n };
    assert.equal((await send({ options })).status, 200);
  });

  it('takes any time for a connection, and as many different ones', async () => {
    answer = saying('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n');
    const http = new UndiciHttp({ policy });
    clients.push(http);
    for (const connectTimeout of [
      0n,
      2n ** 64n - 1n,
      ...Array.from({ length: 40 }, (_, at) => BigInt(at + 1) * second),
    ]) {
      const response = await sendBy(http, `${host}:${port}`, { options: { connectTimeout } });
      assert.equal(response.status, 200);
    }
  });

  it('gives a body up that does not go on', async () => {
    answer = saying('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc');
    const { body } = await send({ options: { betweenBytesTimeout: second / 20n } });
    assert.equal(await bodyFailure(body), 'UND_ERR_BODY_TIMEOUT');
  });

  it('notices a body that is cut short', async () => {
    answer = (socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc');
    assert.ok(await bodyFailure((await send()).body));
    answer = (socket) =>
      socket.end('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n');
    assert.ok(await bodyFailure((await send()).body));
    answer = (socket) => {
      socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\nabc\r\n');
    };
    assert.ok(await bodyFailure((await send()).body));
  });

  it('survives a server that leaves while nobody reads', async () => {
    for (const leave of ['end', 'resetAndDestroy'] as const) {
      answer = (socket) => {
        socket.write('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc');
        setTimeout(() => socket[leave](), 20);
      };
      const response = await send();
      assert.equal(response.status, 200);
      await sleep(60); // an error that nobody hears of would end the process
    }
  });

  it('follows no redirection by itself', async () => {
    answer = saying(
      'HTTP/1.1 302 Found\r\nlocation: http://169.254.169.254/\r\ncontent-length: 0\r\n\r\n',
    );
    const response = await send();
    assert.equal(response.status, 302);
    assert.deepEqual(response.headers().get('location'), ['http://169.254.169.254/']);
  });

  it('takes as an answer what comes after news of it', async () => {
    answer = saying(
      `${'HTTP/1.1 103 Early Hints\r\nlink: <x>\r\n\r\n'.repeat(100)}HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok`,
    );
    const { status, body } = await send();
    assert.deepEqual([status, body.stream && (await text(body.stream))], [200, 'ok']);
  });

  it('has the guest read no more of a body than there may be', async () => {
    answer = (socket) => {
      socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n');
      const more = () => {
        while (!socket.destroyed && socket.write(`3e8\r\n${'x'.repeat(1000)}\r\n`));
        if (!socket.destroyed) socket.once('drain', more);
      };
      more();
    };
    const response = await send({ init: { maximumBodySize: 50_000 } });
    const stream = response.consume()?.stream();
    assert.ok(stream);
    let taken = 0;
    for (;;) {
      const read = stream.read(10_000);
      if (read.kind === 'error') {
        assert.equal(read.error.kind, 'last-operation-failed');
        break;
      }
      taken += read.value.length;
      await sleep(1);
    }
    assert.ok(taken <= 50_000, `${taken}`);
  });

  it('has no more requests wait for a server than there may be', async () => {
    const waiting: Socket[] = [];
    answer = (socket) => waiting.push(socket);
    const http = new UndiciHttp({ policy }, { maximumConcurrency: 3 });
    clients.push(http);
    const ask = () => sendBy(http, `${host}:${port}`);
    const sent = [ask(), ask(), ask()];
    await assert.rejects(ask(), failure('connection-limit-reached'));
    while (waiting.length < sent.length) await sleep(5);
    for (const socket of waiting) socket.write('HTTP/1.1 204 No Content\r\n\r\n');
    for (const { status } of await Promise.all(sent)) assert.equal(status, 204);
    answer = saying('HTTP/1.1 204 No Content\r\n\r\n');
    for (const socket of waiting) socket.destroy();
    assert.equal((await ask()).status, 204);
  });

  it('holds a name to what it led to when it was asked for', async () => {
    answer = saying('HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok');
    const answers = [[host], ['127.0.0.4'], ['169.254.169.254']];
    let asked = 0;
    const resolve = async () => answers[asked++] ?? [];
    const http = new UndiciHttp({ policy, resolve });
    clients.push(http);
    const ask = () => sendBy(http, `rebound.example:${port}`);
    const { status, body } = await ask();
    assert.deepEqual([status, body.stream && (await text(body.stream))], [200, 'ok']);
    assert.equal(asked, 1); // not once more, between the check and the connection
    for (let round = 0; round < 2; round++) {
      await assert.rejects(ask(), failure('destination-IP-prohibited'));
    }
  });
});

async function sendBy(
  http: UndiciHttp,
  authority: string,
  { scheme = 'HTTP', options, body }: Sent = {},
): Promise<IncomingResponse> {
  const request = new OutgoingRequest(new Fields());
  request.scheme = { kind: scheme };
  request.authority = authority;
  if (body) {
    request.method = { kind: 'post' };
    const contents = request.takeBody();
    for (const part of body) contents?.write(Buffer.from(part));
    contents?.finish([]);
  }
  const given = Object.assign(new RequestOptions(), options);
  return await http.send(request, given, { signal: new AbortController().signal });
}

/** What `assert.rejects` takes an error for that is this code of wasi:http. */
function failure(kind: string) {
  return (error: unknown) => {
    assert.ok(error instanceof HttpFailure, String(error));
    assert.equal(error.code.kind, kind, String(error.cause));
    return true;
  };
}

/** The code of the error that a body ends with. */
async function bodyFailure({ stream }: IncomingResponse['body']): Promise<string | undefined> {
  assert.ok(stream);
  try {
    await text(stream);
    return undefined;
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : String(error);
  }
}

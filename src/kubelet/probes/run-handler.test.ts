import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import http2 from 'node:http2';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { afterEach, describe, it } from 'node:test';
import { parsePod } from '../pods/parse-pod.ts';
import type { LifecycleHandler } from '../pods/schema/handlers.ts';
import type { Container, ContainerStreams } from '../provider.ts';
import { runHook, runProbe } from './run-handler.ts';

const opened: (Server | http2.Http2Server)[] = [];
afterEach(() => {
  for (const server of opened.splice(0)) server.close();
});

async function listen<T extends Server | http2.Http2Server>(server: T): Promise<number> {
  opened.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** Runs a readiness probe of a container whose port `main` has this number. */
async function probe(handler: object, init: { port?: number; container?: object } = {}) {
  const pod = parsePod({
    metadata: { name: 'p' },
    spec: {
      containers: [
        {
          name: 'c',
          image: 'i',
          ports: [{ name: 'main', containerPort: init.port ?? 1 }],
          readinessProbe: { timeoutSeconds: 1, ...handler },
        },
      ],
    },
  });
  const [spec] = pod.spec.containers;
  assert.ok(spec?.readinessProbe);
  // The handlers need no more of a container than whether and how it runs programs.
  const container = (init.container ?? {}) as Container;
  const target = { spec, container, host: '127.0.0.1' };
  return await runProbe(spec.readinessProbe, target, new AbortController().signal);
}

describe('runProbe', () => {
  it('asks for a page', async () => {
    const seen: http.IncomingMessage[] = [];
    const server = http.createServer((request, response) => {
      seen.push(request);
      const status = Number(request.url?.slice(1));
      if (request.url === '/there') response.writeHead(302, { location: '/503' });
      else if (request.url === '/away')
        response.writeHead(302, { location: 'http://127.9.9.9:1/' });
      else response.writeHead(status);
      response.end('body');
    });
    const port = await listen(server);
    const get = (path: string, more: object = {}) =>
      probe({ httpGet: { path, port: 'main', ...more } }, { port });
    assert.deepEqual(await get('/200'), { ok: true, output: 'body' });
    assert.equal((await get('/399')).ok, true);
    assert.deepEqual(await get('/404'), {
      ok: false,
      output: 'HTTP probe failed with statuscode: 404',
    });
    assert.equal((await get('/there')).ok, false, 'a redirect on the same host is followed');
    assert.equal((await get('/away')).ok, true, 'a redirect to another host is not');
    await get('200', { httpHeaders: [{ name: 'X-Test', value: 'yes' }] });
    assert.equal(seen.at(-1)?.headers['x-test'], 'yes');
    assert.match(seen.at(-1)?.headers['user-agent'] ?? '', /^kube-probe\//);
    server.closeAllConnections();
  });

  const answers: readonly (readonly [what: string, answer: string, output: RegExp | true])[] = [
    [
      'another protocol',
      'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\nnoise',
      /^HTTP probe failed with statuscode: 101$/,
    ],
    [
      'another protocol that it does not name',
      'HTTP/1.1 101 Switching Protocols\r\n\r\n',
      /^HTTP probe failed with statuscode: 101$/,
    ],
    ['nothing', '', /^Get .*: connection reset by peer$/],
    [
      'half a page',
      'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nx',
      /^Get .*: connection reset by peer$/,
    ],
    ['a page as long as the connection', 'HTTP/1.1 200 OK\r\n\r\nx', true],
    [
      'hints before the page',
      `${'HTTP/1.1 103 Hints\r\n\r\n'.repeat(9)}HTTP/1.1 200 OK\r\n\r\n`,
      true,
    ],
  ];
  for (const [what, answer, output] of answers) {
    it(`is answered by ${what}`, async () => {
      const server = createServer((socket) => {
        socket.on('error', () => socket.destroy());
        socket.once('data', () => socket.end(answer));
      });
      const port = await listen(server);
      const answered = await probe({ httpGet: { port } });
      assert.equal(answered.ok, output === true);
      if (output !== true) assert.match(answered.output, output);
    });
  }

  it('opens a connection', async () => {
    const port = await listen(createServer((socket) => socket.destroy()));
    assert.equal((await probe({ tcpSocket: { port } })).ok, true);
    const closed = await probe({ tcpSocket: { port: 1 } });
    assert.equal(closed.output, 'dial tcp 127.0.0.1:1: connect: connection refused');
    const page = await probe({ httpGet: { path: '/up', port: 1 } });
    const get = 'Get "http://127.0.0.1:1/up": ';
    assert.equal(page.output, `${get}dial tcp 127.0.0.1:1: connect: connection refused`);
    const unnamed = await probe({ tcpSocket: { port: 'other' } });
    assert.deepEqual(unnamed, { ok: false, output: 'no port is named "other"' });
  });

  it('runs out of time', async () => {
    const port = await listen(createServer(() => undefined));
    const late = await probe({ httpGet: { port } });
    assert.deepEqual(late, { ok: false, output: 'timed out after 1s' });
    const container = { exec: () => new Promise(() => undefined) };
    const stuck = await probe({ exec: { command: ['x'] } }, { container });
    assert.deepEqual(stuck, late, 'though the handler itself does not end');
  });

  it('asks the health service of gRPC', async () => {
    const server = http2.createServer();
    const asked: string[] = [];
    server.on('stream', (stream: http2.ServerHttp2Stream) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const message = Buffer.concat(chunks).subarray(5);
        const service = message.subarray(2).toString();
        asked.push(service);
        stream.respond({ 'content-type': 'application/grpc' }, { waitForTrailers: true });
        stream.on('wantTrailers', () =>
          stream.sendTrailers({ 'grpc-status': service === 'none' ? '5' : '0' }),
        );
        stream.end(Buffer.from([0, 0, 0, 0, 2, 0x08, service === 'sick' ? 2 : 1]));
      });
    });
    const port = await listen(server);
    const check = (service: string) => probe({ grpc: { port, service } });
    assert.equal((await check('')).ok, true);
    assert.equal((await check('shop')).ok, true);
    assert.match((await check('sick')).output, /NOT_SERVING/);
    assert.match((await check('none')).output, /gRPC status 5/);
    assert.deepEqual(asked, ['', 'shop', 'sick', 'none']);
  });

  it('runs a program', async () => {
    const container = {
      async exec({ command }: { command: string[] }, { stdout }: ContainerStreams) {
        stdout?.write(command.join(' '));
        return command[0] === 'good' ? 0 : 1;
      },
    };
    const run = (...command: string[]) => probe({ exec: { command } }, { container });
    assert.deepEqual(await run('good', 'one'), { ok: true, output: 'good one' });
    assert.deepEqual(await run('bad'), { ok: false, output: 'bad' });
    const cannot = await probe({ exec: { command: ['x'] } });
    assert.equal(cannot.ok, false);
  });
});

describe('runHook', () => {
  const run = async (hook: LifecycleHandler, container: object, signal: AbortSignal) => {
    const { containers } = parsePod({
      metadata: { name: 'p' },
      spec: { containers: [{ name: 'c', image: 'i' }] },
    }).spec;
    const [spec] = containers;
    assert.ok(spec);
    // The handlers need no more of a container than whether and how it runs programs.
    const target = { spec, container: container as Container, host: '127.0.0.1' };
    return await runHook(hook, target, async () => undefined, signal);
  };

  it('fails where it is answered by another protocol', async () => {
    const port = await listen(
      createServer((socket) => {
        socket.on('error', () => socket.destroy());
        socket.once('data', () =>
          socket.write('HTTP/1.1 101 Go\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n'),
        );
      }),
    );
    const httpGet = { path: '/', port, scheme: 'HTTP' as const, httpHeaders: [] };
    const { ok } = await run({ httpGet }, {}, AbortSignal.timeout(5_000));
    assert.equal(ok, false);
  });

  it('ends with its signal, whatever it waits for', async () => {
    const container = { exec: () => new Promise(() => undefined) };
    const { ok } = await run({ exec: { command: ['x'] } }, container, AbortSignal.timeout(50));
    assert.equal(ok, false);
  });
});

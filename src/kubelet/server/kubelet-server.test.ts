import assert from 'node:assert/strict';
import { once } from 'node:events';
import https from 'node:https';
import net, { type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import tls from 'node:tls';
import {
  createCertificate,
  createSelfSignedCertificate,
} from '../../kubernetes/certificates/certificate.ts';
import { KeyPair } from '../../kubernetes/certificates/key-pair.ts';
import { systemClock } from '../../kubernetes/clock.ts';
import type { AccessReviews, NodeAccess } from './auth/access-reviews.ts';
import { Authenticator } from './auth/authenticator.ts';
import { Authorizer } from './auth/authorizer.ts';
import type { User } from './auth/user.ts';
import type { Route } from './http/router.ts';
import { KubeletServer, type ServingCertificate } from './kubelet-server.ts';

const validity = { notBefore: new Date(Date.now() - 60_000), notAfter: new Date(Date.now() + 6e6) };

class TestAuthority {
  readonly #key = KeyPair.generate();
  readonly #subject = { commonName: 'test-ca' };
  readonly certificate = createSelfSignedCertificate(
    { subject: this.#subject, use: 'authority', ...validity },
    this.#key,
  );

  issue(commonName: string, organizations: string[], use: 'client' | 'server') {
    const key = KeyPair.generate();
    const certificate = createCertificate(
      {
        subject: { commonName, organizations },
        use,
        ipAddresses: ['127.0.0.1'],
        publicKeyInfo: key.publicKeyInfo,
        ...validity,
      },
      { subject: this.#subject, key: this.#key },
    );
    return { key: key.toPem(), certificate };
  }
}

/** Users by token, and what each may do, as `user: verb subresource`. */
class TestReviews implements AccessReviews {
  reachable = true;
  answering = Promise.resolve();

  async reviewToken(token: string): Promise<User | undefined> {
    if (!this.reachable) throw new Error('connect: refused');
    await this.answering;
    const known = ['admin', 'reader', 'scraper', 'nobody'].includes(token);
    return known ? { name: token, groups: [] } : undefined;
  }

  reviewAccess({ user, verb, subresource }: NodeAccess): Promise<boolean> {
    if (!this.reachable) return Promise.reject(new Error('connect: refused'));
    const rights: Readonly<Record<string, boolean>> = {
      admin: true,
      reader: verb === 'get' && subresource === 'proxy',
      scraper: verb === 'get' && ['metrics', 'stats'].includes(subresource),
      cert: verb === 'get' && user.groups.includes('monitors'),
    };
    return Promise.resolve(rights[user.name] ?? false);
  }
}

const ok: Route['handle'] = (_request, response) => void response.end('ok');
const routes: Route[] = [
  { path: '/pods', methods: ['GET'], handle: ok },
  { path: '/metrics', methods: ['GET'], handle: ok },
  { path: '/healthz', methods: ['GET'], handle: ok },
  { path: '/run/:namespace/:pod/:container', methods: ['POST'], handle: ok },
  {
    path: '/exec/:namespace/:pod/:container',
    methods: ['GET', 'POST'],
    upgrade: async (_request, socket) => {
      socket.end(
        'HTTP/1.1 101 Switching Protocols\r\nUpgrade: test\r\nConnection: upgrade\r\n\r\n',
      );
      await once(socket, 'close');
    },
  },
  {
    path: '/broken',
    methods: ['GET'],
    handle: () => Promise.reject(new Error('secret detail')),
  },
];

/** A server whose streams give back what they are told, and may be idle for so long. */
class IdlingServer extends KubeletServer implements AsyncDisposable {
  constructor(certificate: ServingCertificate, streamIdleTimeout: number) {
    const reviews = new TestReviews();
    const echo: Route = {
      path: '/echo',
      methods: ['GET'],
      upgrade: async (_request, socket) => {
        socket.write(
          'HTTP/1.1 101 Switching Protocols\r\nUpgrade: test\r\nConnection: upgrade\r\n\r\n',
        );
        await once(socket.pipe(socket), 'close');
      },
    };
    const components = {
      authenticator: new Authenticator({ reviews, clock: systemClock }),
      authorizer: new Authorizer({ reviews, clock: systemClock }),
      routes: [echo],
      onError: (error: unknown) => assert.fail(String(error)),
    };
    super(components, { address: '127.0.0.1', port: 0, streamIdleTimeout });
    this.useCertificate(certificate);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

describe('KubeletServer', () => {
  const authority = new TestAuthority();
  const reviews = new TestReviews();
  const serving = authority.issue('system:node:test', ['system:nodes'], 'server');
  const errors: unknown[] = [];
  const server = new KubeletServer(
    {
      authenticator: new Authenticator({ reviews, clock: systemClock }),
      authorizer: new Authorizer({ reviews, clock: systemClock }),
      routes,
      onError: (error) => errors.push(error),
    },
    { address: '127.0.0.1', port: 0, clientCa: authority.certificate },
  );
  let port = 0;

  before(async () => {
    server.useCertificate(serving);
    port = await server.listen();
  });
  after(() => server.close());

  interface Ask extends https.RequestOptions {
    readonly token?: string;
  }

  async function ask({ token, ...options }: Ask): Promise<{ status: number; body: string }> {
    const request = https.request({
      host: '127.0.0.1',
      port,
      ca: authority.certificate,
      agent: false,
      ...options,
      headers: {
        accept: '*/*',
        ...options.headers,
        ...(token ? { authorization: `Bearer ${token}` } : {}),
      },
    });
    request.end();
    const upgraded = once(request, 'upgrade').then(([response, socket]) => {
      socket.destroy();
      return { status: response.statusCode, body: '' };
    });
    const answered = once(request, 'response').then(async ([response]) => ({
      status: response.statusCode,
      body: await text(response),
    }));
    return await Promise.race([upgraded, answered]);
  }

  const upgrade = { headers: { connection: 'upgrade', upgrade: 'test' } };
  const exec = '/exec/ns/pod/c';
  const table: readonly [string | undefined, string, string, number, object?][] = [
    [undefined, 'GET', '/pods', 401],
    [undefined, 'GET', '/nowhere', 401],
    [undefined, 'GET', exec, 401, upgrade],
    ['wrong', 'GET', '/pods', 401],
    ['nobody', 'GET', '/pods', 403],
    ['nobody', 'GET', '/healthz', 403],
    ['reader', 'GET', '/pods', 200],
    ['reader', 'GET', '/metrics', 403],
    ['reader', 'GET', exec, 403, upgrade],
    ['reader', 'GET', '/%65xec/ns/pod/c', 403, upgrade],
    ['reader', 'GET', '/./exec/ns/pod/c', 403, upgrade],
    ['reader', 'POST', '/run/ns/pod/c', 403],
    ['scraper', 'GET', '/metrics', 200],
    ['scraper', 'GET', '/pods', 403],
    ['admin', 'GET', exec, 101, upgrade],
    ['admin', 'GET', exec, 400],
    ['admin', 'POST', '/run/ns/pod/c', 200],
    ['admin', 'GET', '/run/ns/pod/c', 405],
    ['admin', 'GET', '/nowhere', 404],
    ['admin', 'GET', '/pods/%ff', 400],
    ['admin', 'GET', '/pods', 400, upgrade],
  ];
  for (const [token, method, path, status, options] of table) {
    const how = options === undefined ? '' : ' as an upgrade';
    it(`answers ${method} ${path}${how} by ${token ?? 'a stranger'} with ${status}`, async () => {
      // Node.js merges headers shallowly, so the token goes in beside the upgrade's.
      const headers = { ...(options as Ask | undefined)?.headers };
      const authorized =
        token === undefined ? headers : { ...headers, authorization: `Bearer ${token}` };
      const answer = await ask({ method, path, headers: authorized });
      assert.equal(answer.status, status);
    });
  }

  it('knows a user by his client certificate', async () => {
    const { key, certificate: cert } = authority.issue('cert', ['monitors'], 'client');
    assert.equal((await ask({ path: '/metrics', key, cert })).status, 200);
  });

  it('does not believe a certificate of another authority', async () => {
    const { key, certificate: cert } = new TestAuthority().issue('cert', ['monitors'], 'client');
    assert.equal((await ask({ path: '/metrics', key, cert })).status, 401);
  });

  it('does not believe a server certificate that a client shows', async () => {
    const { key, certificate: cert } = authority.issue('cert', ['monitors'], 'server');
    assert.equal((await ask({ path: '/metrics', key, cert })).status, 401);
  });

  it('answers with a Status and keeps to itself what went wrong inside', async () => {
    const answer = await ask({ path: '/broken', token: 'admin' });
    assert.equal(answer.status, 500);
    assert.equal(JSON.parse(answer.body).kind, 'Status');
    assert.ok(!answer.body.includes('secret'));
    assert.match(String(errors.at(-1)), /secret detail/);
  });

  it('answers with the message alone where the client names nothing that it accepts', async () => {
    const socket = tls.connect({ host: '127.0.0.1', port, ca: authority.certificate });
    await once(socket, 'secureConnect');
    socket.write('GET /pods HTTP/1.1\r\nHost: node\r\nConnection: close\r\n\r\n');
    assert.match(await text(socket), /^HTTP\/1\.1 401 [\s\S]*\r\n\r\n(d\r\n)?Unauthorized\n/);
  });

  it('lets nobody in while the API server cannot be asked', async () => {
    reviews.reachable = false;
    try {
      assert.equal((await ask({ path: '/pods', token: 'reader-2' })).status, 503);
    } finally {
      reviews.reachable = true;
    }
  });

  it('asks the API server only so much, and tells others to come again', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    reviews.answering = promise;
    const asking = Array.from({ length: 65 }, (_, number) =>
      ask({ path: '/pods', token: `wrong-${number}` }),
    );
    const first = await Promise.race(asking);
    assert.deepEqual([first.status, JSON.parse(first.body).reason], [429, 'TooManyRequests']);
    resolve();
    const statuses = (await Promise.all(asking)).map(({ status }) => status);
    assert.equal(statuses.filter((status) => status === 401).length, 64);
  });

  it('serves with a new certificate from the next handshake on', async () => {
    const next = authority.issue('system:node:renewed', ['system:nodes'], 'server');
    server.useCertificate(next);
    const socket = tls.connect({ host: '127.0.0.1', port, ca: authority.certificate });
    await once(socket, 'secureConnect');
    assert.equal(socket.getPeerCertificate().subject.CN, 'system:node:renewed');
    socket.destroy();
  });

  it("answers at no address that is pods' alone", async () => {
    const everywhere = new KubeletServer(
      {
        authenticator: new Authenticator({ reviews, clock: systemClock }),
        authorizer: new Authorizer({ reviews, clock: systemClock }),
        routes,
        onError: (error) => errors.push(error),
      },
      { address: '::', port: 0, isForPods: (address) => address === '127.0.0.2' },
    );
    everywhere.useCertificate(serving);
    const port = await everywhere.listen();
    try {
      assert.equal((await ask({ port, path: '/pods', token: 'reader' })).status, 200);
      await assert.rejects(ask({ port, host: '127.0.0.2', path: '/pods', token: 'reader' }), {
        code: 'ECONNRESET',
      });
    } finally {
      await everywhere.close();
    }
  });

  it('closes a stream on which nothing moves, and no other', async () => {
    await using idling = new IdlingServer(serving, 300);
    const port = await idling.listen();
    const open = async () => {
      const headers = { ...upgrade.headers, authorization: 'Bearer admin' };
      const request = https.request({
        host: '127.0.0.1',
        port,
        path: '/echo',
        agent: false,
        ca: authority.certificate,
        headers,
      });
      const [, socket] = await once(request.end(), 'upgrade');
      return socket as Socket; // as the event has it
    };
    const [idle, busy] = [await open(), await open()];
    const timer = setInterval(() => busy.write('moving'), 50);
    await once(idle.resume(), 'close');
    assert.ok(!busy.destroyed);
    clearInterval(timer);
    await once(busy.resume(), 'close');
  });

  it('speaks nothing older than TLS 1.2', async () => {
    const options = {
      maxVersion: 'TLSv1.1',
      minVersion: 'TLSv1',
      ciphers: 'ALL@SECLEVEL=0',
    } as const;
    const socket = tls.connect({ host: '127.0.0.1', port, ca: authority.certificate, ...options });
    await assert.rejects(once(socket, 'secureConnect'));
  });

  it('refuses a flood of headers and goes on for others', async () => {
    const flood = { 'x-flood': 'x'.repeat(32 * 1024) };
    assert.equal((await ask({ path: '/pods', headers: flood })).status, 431);
    assert.equal((await ask({ path: '/pods', token: 'reader' })).status, 200);
  });

  it('serves others beside a thousand connections that say nothing', async () => {
    const idle = Array.from({ length: 1000 }, () => net.connect(port, '127.0.0.1'));
    await Promise.all(idle.map((socket) => once(socket, 'connect')));
    assert.equal((await ask({ path: '/pods', token: 'reader' })).status, 200);
    for (const socket of idle) socket.destroy();
  });

  for (const noise of [
    '\r\n\r\n',
    'GET / HTTP/9.9\r\n\r\n',
    'BREW\0/ HTTP/1.1\r\n\r\n',
    '\xff'.repeat(100),
  ]) {
    it(`answers 400 to ${JSON.stringify(noise.slice(0, 20))}`, async () => {
      const socket = tls.connect({ host: '127.0.0.1', port, ca: authority.certificate });
      await once(socket, 'secureConnect');
      socket.end(noise, 'latin1');
      assert.match(await text(socket), /^(HTTP\/1.1 400|$)/);
    });
  }
});

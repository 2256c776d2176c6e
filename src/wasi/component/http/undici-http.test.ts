import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { Routes } from '../../network/routes.ts';
import { loadProgram } from '../load-program.ts';
import { InstancePool } from '../pool/instance-pool.ts';
import { prepareComponent } from '../prepared-component.ts';
import { componentFixture, testWorld } from '../testing/fixtures.ts';
import { EgressPolicy } from './egress-policy.ts';
import { HttpServer } from './server.ts';
import { UndiciHttp, type UndiciHttpComponents, type UndiciHttpInit } from './undici-http.ts';

const host = '127.0.0.1';
const loopback = [{ cidrs: ['127.0.0.0/8'] }];

async function serverAt(
  address: string,
  port: number,
  answer: (request: IncomingMessage) => string | undefined,
): Promise<AsyncDisposable & { readonly port: number }> {
  const server = createServer((request, response) => response.end(answer(request)));
  await new Promise<void>((resolve) => server.listen(port, address, resolve));
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

describe('UndiciHttp', () => {
  let upstream: Server;
  let target: string;
  before(async () => {
    upstream = createServer((request, response) => {
      if (request.url === '/slow') return;
      response.end(request.url === '/large' ? 'x'.repeat(1_000_000) : `${request.url}`);
    });
    await new Promise<void>((resolve) => upstream.listen(0, host, resolve));
    target = `${host}:${(upstream.address() as AddressInfo).port}`;
  });
  after(() => {
    upstream.closeAllConnections();
    upstream.close();
  });

  /** What a component answers that is asked to fetch `url`. */
  async function proxied(
    url: string,
    policy: EgressPolicy,
    init: UndiciHttpInit = {},
    components: Partial<UndiciHttpComponents> = {},
  ): Promise<{ status: number; body: string }> {
    await using http = new UndiciHttp({ policy, ...components }, init);
    const program = loadProgram(prepareComponent(componentFixture('http-routes')));
    const pool = new InstancePool({ program, world: testWorld({ http }) });
    const server = new HttpServer({ pool });
    const { port } = await server.listen({ host, port: 0 });
    const response = await fetch(`http://${host}:${port}/proxy/${url}`);
    const body = await response.text();
    await server.drain();
    return { status: response.status, body };
  }

  it('sends a request and streams its response', async () => {
    const policy = new EgressPolicy(loopback);
    assert.deepEqual(await proxied(`${target}/a?b=c`, policy), { status: 200, body: '/a?b=c' });
    assert.equal((await proxied(`${target}/large`, policy)).body.length, 1_000_000);
  });

  it('refuses what the policy does not allow', async () => {
    const { body } = await proxied(`${target}/a`, new EgressPolicy());
    assert.match(body, /HttpRequestDenied/);
    const other = new EgressPolicy([{ cidrs: ['127.0.0.0/8'], ports: [1] }]);
    assert.match((await proxied(`${target}/a`, other)).body, /HttpRequestDenied/);
  });

  it('does not let an allowed name lead to a guarded address', async () => {
    const policy = new EgressPolicy([{ hosts: ['rebound.example'] }]);
    const resolve = async () => [host];
    const port = target.split(':')[1];
    const { body } = await proxied(`rebound.example:${port}/a`, policy, {}, { resolve });
    assert.match(body, /DestinationIpProhibited/);
  });

  it('connects to the endpoint of a Service, under the name that was asked for', async () => {
    const port = Number(target.split(':')[1]);
    const lead = () => ({ address: host, port });
    const policy = new EgressPolicy([{ hosts: ['web.shop'], ports: [80] }]);
    const resolve = async () => ['10.96.0.7'];
    const { body } = await proxied(
      'web.shop/a',
      policy,
      {},
      { resolve, routes: new Routes({ services: { lead } }) },
    );
    assert.equal(body, '/a');
    const none = new Routes({ services: { lead: () => 'none' } });
    assert.match(
      (await proxied('web.shop/a', policy, {}, { resolve, routes: none })).body,
      /ConnectionRefused/,
    );
  });

  it('comes from the address of the pod', async () => {
    await using other = await serverAt('127.0.0.8', 0, ({ socket }) => socket.remoteAddress);
    const { body } = await proxied(`127.0.0.8:${other.port}/`, new EgressPolicy(loopback), {
      from: ['127.0.0.9'],
    });
    assert.equal(body, '127.0.0.9');
  });

  it("takes loopback for the address of the pod, and not for the node's", async () => {
    const [from, port] = ['127.0.0.9', Number(target.split(':')[1])];
    const policy = new EgressPolicy([...loopback, { cidrs: ['0.0.0.0/8'] }]);
    const hosts = [host, 'localhost', '[::ffff:127.0.0.1]', '0.0.0.0'];
    const components = { resolve: async () => [host] };
    for (const each of hosts) {
      const { body } = await proxied(`${each}:${port}/a`, policy, { from: [from] }, components);
      assert.match(body, /ConnectionRefused/);
    }
    await using _own = await serverAt(from, port, () => 'own');
    for (const each of hosts) {
      const { body } = await proxied(`${each}:${port}/a`, policy, { from: [from] }, components);
      assert.equal(body, 'own');
    }
    const guarded = [{ cidrs: [from], ports: [port] }];
    const wary = new EgressPolicy([{ cidrs: ['127.0.0.1'] }], { guarded });
    const { body } = await proxied(`${target}/a`, wary, { from: [from] });
    assert.match(body, /DestinationIpProhibited/);
  });

  it('says how a connection failed', async () => {
    const policy = new EgressPolicy(loopback);
    assert.match((await proxied(`${host}:1/a`, policy)).body, /ConnectionRefused/);
    const slow = await proxied(`${target}/slow`, policy, { headersTimeout: 50 });
    assert.match(slow.body, /HttpResponseTimeout/);
  });
});

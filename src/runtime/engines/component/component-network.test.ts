import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { logOf, TestRuntime } from '../../../../tests/runtime/test-runtime.ts';
import type { NetworkSpec } from '../../container-spec.ts';

const fixtures = path.resolve(import.meta.dirname, '../../../../tests/fixtures/components');
/** Components that do the same, and how each says that it may not. */
const guests = [
  { version: '0.2', component: 'sockets', denied: 'PermissionDenied', other: 'AddrNotAvailable' },
  {
    version: '0.3',
    component: 'async-network',
    denied: 'AccessDenied',
    other: 'AddressNotBindable',
  },
] as const;
const forms = (['fork', 'exec'] as const).flatMap((start) =>
  guests.map((guest) => ({ ...guest, start })),
);
const pod = '127.0.0.2';
const peer = '127.0.0.3';

for (const { start, version, component, denied, other: notBindable } of forms) {
  describe(`guestNetwork of WASI ${version} in a sandbox, ${start}`, () => {
    const test = new TestRuntime();
    let server: Server;
    let port: number;

    before(async () => {
      server = createServer({ allowHalfOpen: true }, (socket) => socket.pipe(socket));
      server.listen(0, '0.0.0.0');
      await once(server, 'listening');
      port = (server.address() as AddressInfo).port; // listens on TCP
    });
    after(async () => {
      server.close();
      await test[Symbol.asyncDispose]();
    });

    async function run(args: readonly string[], over: Partial<NetworkSpec> = {}) {
      const network = {
        addresses: [pod],
        egress: [{ cidrs: ['127.0.0.0/8'] }],
        guarded: [],
        dns: { servers: [], searches: [] },
        hosts: [{ address: peer, names: ['peer'] }],
        ...over,
      };
      const spec = test.spec(path.join(fixtures, `${component}.wasm`), {
        ...{ start, network },
        args: ['guest', ...args],
      });
      const container = await test.runtime.start(spec);
      await container.exited;
      return logOf(container).trim();
    }

    it("connects from the pod's address, on the ports of the rules alone", async () => {
      const client = ['tcp-client', `${peer}:${port}`, 'hello'];
      assert.equal(await run(client), `${pod} ${peer}:${port} hello`);
      const egress = [{ cidrs: ['127.0.0.0/8'], ports: [port] }];
      assert.equal(await run(client, { egress }), `${pod} ${peer}:${port} hello`);
      const other = [{ cidrs: ['127.0.0.0/8'], ports: [port + 1] }];
      assert.equal(await run(client, { egress: other }), denied);
    });

    it("binds the pod's address alone", async () => {
      assert.match(await run(['bind', '0.0.0.0:0']), /^127\.0\.0\.2:\d+$/);
      assert.equal(await run(['bind', `${peer}:0`]), notBindable);
      assert.match(await run(['bind-udp', '0.0.0.0:0']), /^127\.0\.0\.2:\d+$/);
      assert.equal(await run(['bind-udp', `${peer}:0`]), notBindable);
    });

    it('binds certain ports alone, where only these are given', async () => {
      const ports = [port + 1];
      const own = `${pod}:${port + 1}`;
      assert.equal(await run(['bind', `0.0.0.0:${port + 1}`], { ports }), own);
      assert.equal(await run(['bind', `0.0.0.0:${port + 2}`], { ports }), notBindable);
      assert.equal(await run(['bind-udp', `0.0.0.0:${port + 2}`], { ports }), notBindable);
      const client = ['tcp-client', `${peer}:${port}`, 'hello'];
      assert.equal(await run(client, { ports }), `${pod} ${peer}:${port} hello`);
    });

    it("knows the pod's hosts", async () => {
      assert.equal(await run(['lookup', 'peer']), peer);
    });

    it("keeps the guest from the node's doors, whichever way it asks", async () => {
      const guarded = [{ cidrs: [`${peer}/32`, `${pod}/32`], ports: [port] }];
      for (const address of [`${peer}:${port}`, `${pod}:${port}`, `127.0.0.1:${port}`]) {
        assert.equal(await run(['connect', address], { guarded }), denied, address);
      }
      const egress = [{ cidrs: [`${peer}/32`], ports: [port] }];
      assert.equal(await run(['connect', `${peer}:${port}`], { guarded, egress }), 'connected');
    });

    it('keeps it from the metadata of clouds, though it may go anywhere', async () => {
      const egress = [{ hosts: ['*'], cidrs: ['0.0.0.0/0', '::/0'] }];
      const network = { addresses: [pod, '::1'], egress };
      for (const address of [
        '169.254.169.254:80',
        '[fe80::1]:80',
        '[fd00:ec2::254]:80',
        '[64:ff9b::169.254.169.254]:80',
      ]) {
        assert.equal(await run(['connect', address], network), denied, address);
      }
      const query = ['udp-client', '0.0.0.0:0', '169.254.169.254:53', 'query'];
      assert.equal(await run(query, network), denied);
    });

    it("lets no name lead it to the node's doors or to the metadata of clouds", async () => {
      const egress = [{ hosts: ['*'] }];
      const names = { metadata: '169.254.169.254', node: peer, loopback: '127.0.0.1' };
      const hosts = Object.entries(names).map(([name, address]) => ({ address, names: [name] }));
      const guarded = [{ cidrs: [`${pod}/32`], ports: [port] }];
      for (const name of Object.keys(names)) {
        const words =
          version === '0.2' ? ['connect', `${name}:${port}`] : ['connect-to', name, `${port}`];
        assert.equal(await run(words, { hosts, egress, guarded }), denied, name);
      }
    });

    it('exchanges datagrams', async () => {
      const socket = createSocket('udp4').bind(0, peer);
      await once(socket, 'listening');
      socket.on('message', (message, from) =>
        socket.send(`re: ${message}`, from.port, from.address),
      );
      const remote = `${peer}:${socket.address().port}`;
      const exchanged = await run(['udp-client', '0.0.0.0:0', remote, 'hello']);
      socket.close();
      assert.equal(exchanged, `${remote} re: hello`);
    });
  });
}

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { logOf, TestRuntime } from '../../../../tests/runtime/test-runtime.ts';
import type { NetworkSpec } from '../../container-spec.ts';

const sockets = path.resolve(
  import.meta.dirname,
  '../../../../tests/fixtures/components/sockets.wasm',
);
const pod = '127.0.0.2';
const peer = '127.0.0.3';

for (const start of ['fork', 'exec'] as const) {
  describe(`guestNetwork in a sandbox, ${start}`, () => {
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
      const spec = test.spec(sockets, { start, network, args: ['sockets', ...args] });
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
      assert.equal(await run(client, { egress: other }), 'PermissionDenied');
    });

    it("binds the pod's address alone", async () => {
      assert.match(await run(['bind', '0.0.0.0:0']), /^127\.0\.0\.2:\d+$/);
      assert.equal(await run(['bind', `${peer}:0`]), 'AddrNotAvailable');
      assert.match(await run(['bind-udp', '0.0.0.0:0']), /^127\.0\.0\.2:\d+$/);
      assert.equal(await run(['bind-udp', `${peer}:0`]), 'AddrNotAvailable');
    });

    it("knows the pod's hosts", async () => {
      assert.equal(await run(['lookup', 'peer']), peer);
    });

    it("keeps the guest from the node's doors, whichever way it asks", async () => {
      const guarded = [{ cidrs: [`${peer}/32`, `${pod}/32`], ports: [port] }];
      for (const address of [`${peer}:${port}`, `${pod}:${port}`, `127.0.0.1:${port}`]) {
        assert.equal(await run(['connect', address], { guarded }), 'PermissionDenied', address);
      }
      const egress = [{ cidrs: [`${peer}/32`], ports: [port] }];
      assert.equal(await run(['connect', `${peer}:${port}`], { guarded, egress }), 'connected');
    });

    it('keeps it from the metadata of clouds, though it may go anywhere', async () => {
      const egress = [{ hosts: ['*'], cidrs: ['0.0.0.0/0', '::/0'] }];
      const network = { addresses: [pod, '::1'], egress };
      for (const address of ['169.254.169.254:80', '[fe80::1]:80', '[fd00:ec2::254]:80']) {
        assert.equal(await run(['connect', address], network), 'PermissionDenied', address);
      }
    });
  });
}

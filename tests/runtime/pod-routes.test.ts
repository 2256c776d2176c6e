import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmodSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ContainerSpec, NetworkSpec } from '../../src/runtime/container-spec.ts';
import { logOf, TestRuntime } from './test-runtime.ts';

const root = path.resolve(import.meta.dirname, '../..');
const sockets = path.join(root, 'tests/fixtures/components/sockets.wasm');
const server = path.join(root, 'tests/fixtures/components/http-hello.wasm');
const web = path.join(root, 'examples/modules/web.wasm');
const [pod, friend, stranger] = ['127.0.0.2', '127.0.0.3', '127.0.0.4'];
const service = { address: '127.96.0.7', port: 80 };
/** Rules are looked at every tenth of a second. */
const untilSeen = 250;

for (const start of ['fork', 'exec'] as const) {
  describe(`openRoutes in a sandbox, ${start}`, () => {
    const test = new TestRuntime();
    const directories = { services: '', peers: '' };
    const echo = createServer({ allowHalfOpen: true }, (socket) => socket.pipe(socket));
    let port: number;

    before(async () => {
      for (const name of ['services', 'peers'] as const) {
        directories[name] = path.join(test.dataDir, name);
        mkdirSync(directories[name], { mode: 0o755 });
      }
      chmodSync(test.dataDir, 0o755);
      echo.listen(0, friend);
      await once(echo, 'listening');
      port = portOf(echo.address());
    });
    after(async () => {
      echo.close();
      await test[Symbol.asyncDispose]();
    });

    function publish(directory: keyof typeof directories, name: string, content: string): void {
      const temporary = path.join(test.dataDir, 'next');
      writeFileSync(temporary, content, { mode: 0o644 });
      renameSync(temporary, path.join(directories[directory], name));
    }

    const network = (over: Partial<NetworkSpec>): NetworkSpec => ({
      addresses: [pod],
      guarded: [],
      dns: { servers: [], searches: [] },
      hosts: [],
      ...over,
    });

    async function run(args: readonly string[], over: Partial<NetworkSpec>): Promise<string> {
      const spec = test.spec(sockets, {
        start,
        network: network(over),
        args: ['sockets', ...args],
      });
      const container = await test.runtime.start(spec);
      await container.exited;
      return logOf(container).trim();
    }

    /** What somebody is answered: nothing where the connection is cut. */
    async function ask(from: string, to: number): Promise<string> {
      const socket = connect({ host: pod, port: to, localAddress: from });
      socket.end('GET / HTTP/1.1\r\nhost: pod\r\nconnection: close\r\n\r\n');
      return await text(socket).catch(() => '');
    }

    async function answers(over: Partial<ContainerSpec>, module: string, at: number) {
      publish('peers', 'rules', '');
      const { peers } = directories;
      const container = await test.runtime.start(
        test.spec(module, { start, network: network({ peers }), ...over }),
      );
      const open = await until(() => ask(friend, at));
      publish('peers', 'rules', `isolates ingress\ningress TCP:${at} ${friend}\n`);
      await sleep(untilSeen);
      const closed = [await ask(stranger, at), await ask(friend, at)];
      await container.stop(0);
      return [open, ...closed].map((it) => it.startsWith('HTTP/1.1 200'));
    }

    it('leads from the address of a Service to its endpoint, on any port', async () => {
      const { services } = directories;
      const egress = [{ cidrs: ['127.96.0.0/16'], ports: [service.port] }];
      const client = ['tcp-client', `${service.address}:${service.port}`, 'hello'];
      publish('services', service.address, `TCP ${service.port} 0 ${friend} ${port}\n`);
      assert.equal(
        await run(client, { services, egress }),
        `${pod} ${service.address}:${service.port} hello`,
      );
      publish('services', service.address, `TCP ${service.port} 0\n`);
      assert.equal(await run(client, { services, egress }), 'ConnectionRefused');
    });

    it('keeps connections from where rules do not let them', async () => {
      const over = { peers: directories.peers, egress: [{ cidrs: ['127.0.0.0/8'] }] };
      const client = ['connect', `${friend}:${port}`];
      publish('peers', 'rules', 'isolates egress\n');
      assert.equal(await run(client, over), 'PermissionDenied');
      publish('peers', 'rules', `isolates egress\negress TCP:${port} ${friend}\n`);
      assert.equal(await run(client, over), 'connected');
    });

    it('lets in to a module whom the rules let in, and others no more', async () => {
      const at = await freePort();
      const listeners = [{ name: 'web', address: pod, port: at }];
      assert.deepEqual(await answers({ listeners }, web, at), [true, false, true]);
    });

    it('lets in to a component that serves HTTP whom the rules let in', async () => {
      const at = await freePort();
      const http = { listen: { address: pod, port: at }, serving: {}, egress: [] };
      assert.deepEqual(await answers({ http }, server, at), [true, false, true]);
    });
  });
}

/** Asks until there is an answer: the guest may not listen yet. */
async function until(question: () => Promise<string>): Promise<string> {
  for (let tries = 0; tries < 100; tries++) {
    const answer = await question();
    if (answer !== '') return answer;
    await sleep(50);
  }
  return '';
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, pod);
  await once(probe, 'listening');
  const port = portOf(probe.address());
  probe.close();
  await once(probe, 'close');
  return port;
}

function portOf(address: AddressInfo | string | null): number {
  assert.ok(typeof address === 'object' && address !== null);
  return address.port;
}

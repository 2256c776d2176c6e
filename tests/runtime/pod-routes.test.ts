import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { chmodSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ContainerSpec, NetworkSpec } from '../../src/runtime/container-spec.ts';
import { freePort } from '../support/free-port.ts';
import { logOf, TestRuntime } from './test-runtime.ts';

const root = path.resolve(import.meta.dirname, '../..');
const sockets = path.join(root, 'tests/fixtures/components/sockets.wasm');
/** The same of WASI 0.3. */
const asyncNetwork = path.join(root, 'tests/fixtures/components/async-network.wasm');
const server = path.join(root, 'tests/fixtures/components/http-hello.wasm');
const asyncServer = path.join(root, 'tests/fixtures/components/http-service.wasm');
const cgiProgram = `(module
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "\\10\\00\\00\\00\\10\\00\\00\\00")
  (data (i32.const 16) "Status: 200 OK\\n\\n")
  (func (export "_start") (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))))`;
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

    async function run(
      args: readonly string[],
      over: Partial<NetworkSpec>,
      component = sockets,
    ): Promise<string> {
      const spec = test.spec(component, {
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
      socket.end('GET /hello HTTP/1.1\r\nhost: pod\r\nconnection: close\r\n\r\n');
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

    for (const [version, component, denied] of [
      ['0.2', sockets, 'PermissionDenied'],
      ['0.3', asyncNetwork, 'AccessDenied'],
    ] as const) {
      it(`keeps connections of WASI ${version} from where rules do not let them`, async () => {
        const over = { peers: directories.peers, egress: [{ cidrs: ['127.0.0.0/8'] }] };
        const client = ['connect', `${friend}:${port}`];
        publish('peers', 'rules', 'isolates egress\n');
        assert.equal(await run(client, over, component), denied);
        publish('peers', 'rules', `isolates egress\negress TCP:${port} ${friend}\n`);
        assert.equal(await run(client, over, component), 'connected');
      });

      it(`keeps datagrams of WASI ${version} from where rules do not let them`, async () => {
        const over = { peers: directories.peers, egress: [{ cidrs: ['127.0.0.0/8'] }] };
        await using peer = await DatagramPeer.open(friend);
        peer.socket.on('message', (message, from) => {
          peer.socket.send(`re: ${message}`, from.port, from.address);
        });
        const client = ['udp-client', '0.0.0.0:0', `${friend}:${peer.port}`, 'hello'];
        publish('peers', 'rules', `isolates egress\negress TCP:${peer.port} ${friend}\n`);
        assert.equal(await run(client, over, component), denied);
        publish('peers', 'rules', `isolates egress\negress UDP:${peer.port} ${friend}\n`);
        assert.equal(await run(client, over, component), `${friend}:${peer.port} re: hello`);
      });

      it(`lets in to sockets of WASI ${version} whom the rules let in`, async () => {
        const at = await freePort(pod);
        const { peers } = directories;
        // Datagrams are answered where the guest may send some: these are on the loopback.
        const egress = [{ cidrs: ['127.0.0.0/8'] }];
        publish('peers', 'rules', `isolates ingress\ningress TCP:${at},UDP:${at} ${friend}\n`);
        for (const [server, askFrom] of [
          ['tcp-server', ask],
          ['udp-server', sendDatagram],
        ] as const) {
          const args = ['guest', server, `0.0.0.0:${at}`, '1000'];
          const spec = test.spec(component, { start, network: network({ peers, egress }), args });
          const container = await test.runtime.start(spec);
          assert.notEqual(await until(() => askFrom(friend, at)), '', server);
          assert.equal(await askFrom(stranger, at), '', server);
          assert.notEqual(await askFrom(friend, at), '', server);
          await container.stop(0);
        }
      });
    }

    it('lets in to a module whom the rules let in, and others no more', async () => {
      const at = await freePort(pod);
      const listeners = [{ name: 'web', address: pod, port: at }];
      assert.deepEqual(await answers({ listeners }, web, at), [true, false, true]);
    });

    for (const [what, program, serving] of [
      ['a component of WASI 0.2', () => server, {}],
      ['a component of WASI 0.3', () => asyncServer, {}],
      ['a module that answers as CGI programs do', () => test.module(cgiProgram), { cgi: true }],
    ] as const) {
      it(`lets in whom the rules let in where ${what} serves HTTP`, async () => {
        const at = await freePort(pod);
        const listen = { address: pod, port: at };
        const http = { listen, serving: {}, egress: [], ...serving };
        assert.deepEqual(await answers({ http }, program(), at), [true, false, true]);
      });
    }
  });
}

/** A socket of UDP, which is closed when its scope ends. */
class DatagramPeer implements AsyncDisposable {
  readonly socket = createSocket('udp4');

  static async open(address: string): Promise<DatagramPeer> {
    const peer = new DatagramPeer();
    peer.socket.bind(0, address);
    await once(peer.socket, 'listening');
    return peer;
  }

  get port(): number {
    return this.socket.address().port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.socket.close();
    await once(this.socket, 'close');
  }
}

/** What the pod answers to a datagram; nothing where there is no answer soon. */
async function sendDatagram(from: string, to: number): Promise<string> {
  await using peer = await DatagramPeer.open(from);
  const answer = once(peer.socket, 'message').then(String);
  peer.socket.send('hello', to, pod);
  return await Promise.race([answer, sleep(untilSeen, '')]);
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

function portOf(address: AddressInfo | string | null): number {
  assert.ok(typeof address === 'object' && address !== null);
  return address.port;
}

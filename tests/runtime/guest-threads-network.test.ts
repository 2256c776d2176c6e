import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmodSync, mkdirSync, renameSync, rmdirSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { NetworkSpec, StartForm } from '../../src/runtime/container-spec.ts';
import { findCgroups } from '../../src/runtime/limits/find-cgroups.ts';
import {
  type NameServer,
  openNameServer,
  responseTo,
} from '../../src/wasi/component/sockets/testing/name-server.ts';
import { HttpContainer, type HttpContainerInit } from './http-container.ts';
import { logOf, TestRuntime } from './test-runtime.ts';

const program = path.resolve(import.meta.dirname, '../fixtures/components/http-network.wasm');
const [pod, friend, stranger] = ['127.0.0.2', '127.0.0.3', '127.0.0.4'];
const threads = 2;
/** Rules are looked at every tenth of a second. */
const untilSeen = 250;
/** More than are answered by one thread alone. */
const many = 40;
const megabyte = 1024 * 1024;

for (const start of ['fork', 'exec'] satisfies StartForm[]) {
  describe(`guest threads and the network, ${start}`, () => {
    const test = new TestRuntime();
    let peers: string;
    let server: Server;
    let port: number;

    before(async () => {
      chmodSync(test.dataDir, 0o755);
      peers = path.join(test.dataDir, 'peers');
      mkdirSync(peers, { mode: 0o755 });
      server = createServer((socket) => socket.end()).listen(0, '0.0.0.0');
      await once(server, 'listening');
      ({ port } = server.address() as AddressInfo); // listens on TCP
    });
    after(async () => {
      server.close();
      await test[Symbol.asyncDispose]();
    });

    function publish(...rules: readonly string[]): void {
      const next = path.join(test.dataDir, 'next');
      writeFileSync(next, rules.map((line) => `${line}\n`).join(''), { mode: 0o644 });
      renameSync(next, path.join(peers, 'rules'));
    }

    /** A container whose requests are answered by threads. */
    async function serve(over: Partial<NetworkSpec>, init: HttpContainerInit = {}) {
      const network = {
        addresses: [pod],
        egress: [{ cidrs: ['127.0.0.0/8'] }],
        guarded: [],
        dns: { servers: [], searches: [] },
        hosts: [],
        ...over,
      };
      const served = await HttpContainer.start(test, program, {
        address: pod,
        serving: { threads, ...init.serving },
        changes: { start, network, ...init.changes },
      });
      await served.busyThreads(threads);
      return served;
    }

    async function answersOf(served: HttpContainer, route: string): Promise<ReadonlySet<string>> {
      const answers = await served.askAll(many, route);
      assert.equal(served.threads.length, threads);
      return new Set(answers.map(({ body }) => body));
    }

    it('hold requests to the rules of a NetworkPolicy, as they are by then', async () => {
      publish();
      await using served = await serve({ peers });
      const connecting = `connect/${friend}:${port}`;
      const sending = `datagram/${friend}:${port}`;
      assert.deepEqual(await answersOf(served, connecting), new Set(['connected']));
      publish('isolates egress', `egress TCP:${port} ${stranger}`);
      await sleep(untilSeen);
      for (const route of [connecting, sending]) {
        assert.deepEqual(await answersOf(served, route), new Set(['PermissionDenied']), route);
      }
      publish('isolates egress', `egress * ${friend}`);
      assert.deepEqual(await answersOf(served, connecting), new Set(['connected']));
      assert.deepEqual(await answersOf(served, sending), new Set(['sent']));
    });

    it('answer nobody whom a NetworkPolicy does not let in', async () => {
      publish();
      await using served = await serve({ peers });
      publish('isolates ingress', `ingress * ${friend}`);
      await sleep(untilSeen);
      const work = (from: string) =>
        Promise.all(Array.from({ length: many }, () => statusFor(served, from)));
      const [let_in, kept_out] = await Promise.all([work(friend), work(stranger)]);
      assert.deepEqual(new Set(let_in), new Set([200]));
      assert.deepEqual(new Set(kept_out), new Set(['cut']));
    });

    it('rest while their guests wait for sockets', async () => {
      await using late = createServer((socket) => {
        void sleep(800).then(() => socket.end('late'));
      });
      late.listen(0, friend);
      await once(late, 'listening');
      const address = late.address() as AddressInfo; // listens on TCP
      await using served = await serve({});
      const answers = answersOf(served, `receive/${friend}:${address.port}`);
      await sleep(300);
      const before = served.threads.map((thread) => served.sleepsOf(thread));
      await sleep(400);
      const after = served.threads.map((thread) => served.sleepsOf(thread));
      assert.deepEqual(await answers, new Set(['late']));
      const woken = after.map((count, index) => count - (before[index] ?? 0));
      assert.ok(Math.max(...woken) < 20, `${woken} times in 400 ms`);
    });

    it("lead requests neither to the node's doors nor to the metadata of clouds", async () => {
      const guarded = [{ cidrs: [`${friend}/32`, `${pod}/32`], ports: [port] }];
      const hosts = [{ address: '169.254.169.254', names: ['metadata'] }];
      await using served = await serve({ guarded, hosts });
      for (const address of [
        `${friend}:${port}`,
        `${pod}:${port}`,
        `127.0.0.1:${port}`,
        '169.254.169.254:80',
        'metadata:80',
      ]) {
        const answers = await answersOf(served, `connect/${address}`);
        assert.deepEqual(answers, new Set(['PermissionDenied']), address);
      }
    });

    it('have guests find names as the pod does', async (context) => {
      let dns: NameServer;
      try {
        dns = await openNameServer(
          friend,
          (query, name, type) =>
            responseTo(query, name === 'db.shop' && type === 1 ? [friend] : []),
          53,
        );
      } catch (error) {
        if (error instanceof Error && 'code' in error && error.code === 'EACCES') {
          context.skip('this user may not listen on port 53');
          return;
        }
        throw error;
      }
      await using names = dns;
      await using served = await serve({
        dns: { servers: [friend], searches: ['shop'] },
        hosts: [{ address: stranger, names: ['alias'] }],
        egress: [{ hosts: ['db', 'alias'], cidrs: ['127.0.0.0/8'] }],
      });
      assert.deepEqual(await answersOf(served, 'lookup/db'), new Set([friend]));
      assert.deepEqual(await answersOf(served, 'lookup/alias'), new Set([stranger]));
      assert.deepEqual(await answersOf(served, `connect/db:${port}`), new Set(['connected']));
      assert.ok(names.asked.length >= many);
    });
  });
}

/** The status of an answer, or that there was none. */
async function statusFor(served: HttpContainer, from: string): Promise<number | string> {
  try {
    return (await served.ask('work', undefined, from)).status ?? 0;
  } catch {
    return 'cut';
  }
}

for (const start of ['fork', 'exec'] satisfies StartForm[]) {
  describe(`guest threads and memory, ${start}`, () => {
    const cgroup = `krustlet-test-threads-${start}-${process.pid}`;
    const test = new TestRuntime({ cgroup });
    const cgroups = findCgroups('/sys/fs/cgroup', cgroup);
    after(async () => {
      await test[Symbol.asyncDispose]();
      for (const root of cgroups?.roots ?? []) rmdirSync(root);
    });

    async function serve(memoryBytes: number) {
      const served = await HttpContainer.start(test, program, {
        serving: { threads },
        changes: { start, limits: { memoryBytes } },
      });
      await served.busyThreads(threads);
      return served;
    }

    it('have a request fail that wants more than there is, and no other', async () => {
      await using served = await serve(200 * megabyte);
      const [large, small] = await Promise.all([
        served.askAll(4, `allocate/${300 * megabyte}`),
        served.askAll(many, 'work'),
      ]);
      assert.deepEqual(new Set(large.map(({ status }) => status)), new Set([500]));
      assert.deepEqual(new Set(small.map(({ status }) => status)), new Set([200]));
      assert.match(logOf(served.container), /memory allocation of 314572800 bytes failed/);
      const [{ body } = { body: '' }] = await served.askAll(1, `allocate/${20 * megabyte}`);
      assert.equal(body, String(7 * 20 * megabyte));
    });

    const without = cgroups?.controllers.includes('memory')
      ? false
      : 'no cgroup that limits memory can be made here';

    it('are killed with their container where requests together take more', {
      skip: without,
    }, async () => {
      await using served = await serve(200 * megabyte);
      // Each of them may have that much; all at once may not.
      const answers = Array.from({ length: 16 }, () =>
        served.ask(`hold/${60 * megabyte}`).then(
          ({ status }) => status,
          () => 'cut',
        ),
      );
      const { reason, exitCode } = await served.container.exited;
      assert.deepEqual({ reason, exitCode }, { reason: 'OOMKilled', exitCode: 137 });
      assert.deepEqual(new Set(await Promise.all(answers)), new Set(['cut']));
    });
  });
}

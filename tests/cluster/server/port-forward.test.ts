import assert from 'node:assert/strict';
import { once } from 'node:events';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Agent, request } from 'undici';
import { skipWithoutCluster } from '../test-cluster.ts';
import { testedRelease } from '../tools.ts';
import { eventually } from './eventually.ts';
import { routes, ServerWorkbench } from './server-workbench.ts';

const web = path.resolve(import.meta.dirname, '../../../examples/modules/web.wasm');

for (const route of routes) {
  describe(`kubectl port-forward, ${route.name}`, {
    skip: skipWithoutCluster,
    timeout: 60_000,
  }, () => {
    let bench: ServerWorkbench;

    before(async () => {
      bench = await ServerWorkbench.start(route);
      await bench.run('web', [
        { guest: web, ports: [{ containerPort: 8080 }] },
        { name: 'other', guest: web, ports: [{ containerPort: 9090 }] },
      ]);
    });
    after(() => bench[Symbol.asyncDispose]());

    it('reaches the ports of the pod', async () => {
      await using forwarding = await forward('8080', '9090');
      for (const port of forwarding.ports) assert.match(await get(port), /visitor/i);
    });

    it(`comes to the node by ${route.node}`, async () => {
      // The older API server speaks SPDY to every node.
      const isAble = testedRelease('kube-apiserver') !== 'v1.34';
      const upgrade = route.node === 'WebSocket' && isAble ? 'GET' : 'POST';
      const asked = /^kubelet_http_requests_total\{method="(\w+)",path="portForward"/gm;
      let methods: readonly (string | undefined)[] = [];
      await eventually(async () => {
        const raw = `/api/v1/nodes/${bench.node.name}/proxy/metrics`;
        const { stdout } = await bench.kubectl.run('get', '--raw', raw);
        methods = [...stdout.matchAll(asked)].map(([, method]) => method);
        return methods.length > 0; // a stream is counted when it has ended
      });
      assert.deepEqual(methods, [upgrade]);
    });

    it('carries 100 connections at once', async () => {
      await using forwarding = await forward('8080');
      const [port = 0] = forwarding.ports;
      const answers = await Promise.all(Array.from({ length: 100 }, () => get(port)));
      assert.equal(new Set(answers).size, 100, 'each connection gets its own answer');
    });

    it('says that nobody listens', async () => {
      await using forwarding = await forward('7');
      const [closed = 0] = forwarding.ports;
      await assert.rejects(get(closed));
      await eventually(
        () => /error forwarding port 7 to pod.*connect ECONNREFUSED/s.test(forwarding.stderr()),
        forwarding.stderr,
      );
    });

    interface Forwarding extends AsyncDisposable {
      /** On this machine, in the order of the pod's. */
      readonly ports: readonly number[];
      readonly stderr: () => string;
    }

    async function forward(...ports: readonly string[]): Promise<Forwarding> {
      const args = ['port-forward', 'pod/web', ...ports.map((port) => `:${port}`)];
      const child = bench.kubectl.start(...args, '--address=127.0.0.1');
      const read = { stdout: '', stderr: '' };
      child.stdout.setEncoding('utf8').on('data', (chunk) => (read.stdout += chunk));
      child.stderr.setEncoding('utf8').on('data', (chunk) => (read.stderr += chunk));
      const found = () => [...read.stdout.matchAll(/127\.0\.0\.1:(\d+) ->/g)];
      await eventually(
        () => found().length === ports.length,
        () => JSON.stringify(read),
      );
      return {
        ports: found().map(([, port]) => Number(port)),
        stderr: () => read.stderr,
        async [Symbol.asyncDispose]() {
          child.kill();
          await once(child, 'close');
        },
      };
    }
  });
}

async function get(port: number): Promise<string> {
  const dispatcher = new Agent();
  try {
    const { body } = await request(`http://127.0.0.1:${port}/`, { dispatcher });
    return await body.text();
  } finally {
    await dispatcher.destroy();
  }
}

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { pods, secrets } from '../../../src/kubelet/cluster/core-resources.ts';
import type { Pod } from '../../../src/kubelet/pods/schema/pod.ts';
import { ScriptedImage, sha256 } from '../../registry/scripted-image.ts';
import { ScriptedServer } from '../../registry/scripted-server.ts';
import { skipWithoutCluster } from '../test-cluster.ts';
import { container, containerProcesses, forever, isPodReady, NodeBench } from './node-bench.ts';
import { SmallDisk } from './small-disk.ts';

const never = { restartPolicy: 'Never' };
const wasmerciser = path.resolve(import.meta.dirname, '../../../examples/modules/wasmerciser.wasm');
/** A module that no other pod brings here: a custom section of its own makes it another one. */
const module = Buffer.concat([readFileSync(wasmerciser), Buffer.from('\0\x05\x04half', 'latin1')]);
const reasonOf = ({ status }: Pod) => status.containerStatuses[0]?.state.waiting?.reason;
const hasSucceeded = ({ status }: Pod) => status.phase === 'Succeeded';

/** What goes wrong around a node, on its own machine and beside the API server. */
describe('a node whose surroundings fail', { skip: skipWithoutCluster, timeout: 240_000 }, () => {
  const open = new AsyncDisposableStack();
  let disk: SmallDisk;
  let bench: NodeBench;

  before(async () => {
    disk = open.use(new SmallDisk(96));
    // That pods are evicted in time is another matter than what happens where they are not.
    const flags = ['--eviction-hard=memory.available=1Mi'];
    bench = open.use(await NodeBench.start({ dataDir: path.join(disk.path, 'data'), flags }));
  });
  after(() => open.disposeAsync());

  it('runs other pods while a registry hangs, and lets go of one that waits for it', async () => {
    await using resources = new AsyncDisposableStack();
    const registry = createServer().listen(0, '127.0.0.1');
    resources.defer(() => void registry.close());
    await once(registry, 'listening');
    const { port } = registry.address() as AddressInfo;
    const asked = once(registry, 'connection');
    await bench.create('hangs', [], {
      containers: [{ name: 'app', image: `127.0.0.1:${port}/hangs:1` }],
    });
    const [socket] = await asked;
    resources.defer(() => void socket.destroy());
    await bench.create('beside', ['exit(lit:0)'], never);
    await bench.until('beside', hasSucceeded);
    assert.equal(reasonOf(await bench.until('hangs', () => true)), 'ContainerCreating');
    await bench.delete('hangs', 30);
    await bench.eventually(() => bench.isGone('hangs'), undefined, 5);
  });

  it('goes on with a blob that a registry broke off', async () => {
    const image = new ScriptedImage([{ mediaType: 'application/wasm', bytes: module }]);
    let isBroken = false;
    await using registry = await ScriptedServer.start((request, response) => {
      const isFirst = request.url?.endsWith(sha256(module)) && !isBroken;
      if (!isFirst) return image.script(request, response);
      isBroken = true;
      response.writeHead(200, { 'content-length': module.length });
      response.write(module.subarray(0, module.length / 2), () => response.destroy());
      return true;
    });
    await bench.create('half', [], {
      ...never,
      containers: [
        { name: 'app', image: `${registry.host}/half:1`, args: ['write(lit:whole)to(stm:stdout)'] },
      ],
    });
    await bench.until('half', hasSucceeded);
    assert.ok(isBroken);
    assert.match(await bench.logOf('half'), /whole/);
  });

  it('waits for a Secret that is deleted while its pod starts', async () => {
    const metadata = { name: 'key', namespace: bench.namespace };
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata, stringData: { a: 'open' } };
    await bench.apply(secret);
    const env = [{ name: 'KEY', valueFrom: { secretKeyRef: { name: 'key', key: 'a' } } }];
    await bench.create('locked', [], {
      ...never,
      volumes: [{ name: 'key', secret: { secretName: 'key' } }],
      initContainers: [container('slow', ['sleep(lit:3000)'])],
      containers: [
        container('app', ['assert_value(env:KEY)is(lit:open)', 'assert_exists(file:/key/a)'], {
          env,
          volumeMounts: [{ name: 'key', mountPath: '/key' }],
        }),
      ],
    });
    await bench.until(
      'locked',
      ({ status }) => status.initContainerStatuses[0]?.state.running !== undefined,
    );
    await bench.admin.delete(secrets, metadata);
    await bench.until('locked', (pod) => reasonOf(pod) === 'CreateContainerConfigError');
    await bench.apply(secret);
    await bench.until('locked', hasSucceeded);
  });

  it('waits for the Secret of a volume without asking for it again and again', async () => {
    const mount = { name: 'late', mountPath: '/late' };
    const asked = await requestsForSecrets(bench);
    await bench.create('patient', [], {
      ...never,
      volumes: [{ name: 'late', secret: { secretName: 'late' } }],
      containers: [container('app', ['assert_exists(file:/late/a)'], { volumeMounts: [mount] })],
    });
    await bench.eventually(async () =>
      (await bench.events('patient')).some((line) => line.includes('secret "late" not found')),
    );
    await sleep(3_000);
    const more = (await requestsForSecrets(bench)) - asked;
    assert.ok(more < 20, `${more} requests`);
    const metadata = { name: 'late', namespace: bench.namespace };
    await bench.apply({ apiVersion: 'v1', kind: 'Secret', metadata, stringData: { a: 'open' } });
    await bench.until('patient', hasSucceeded);
  });

  it('lets go of pods that it cannot read', async () => {
    const spoil = async (name: string): Promise<void> => {
      const place = { name, namespace: bench.namespace };
      const patch = { kind: 'merge', body: { status: { phase: 'Odd' } } } as const;
      // The answer cannot be read either.
      await assert.rejects(
        bench.admin.patch(pods, place, patch, { subresource: 'status' }),
        /status\.phase/,
      );
    };
    await bench.create('spoiled', [forever]);
    await bench.until('spoiled', isPodReady);
    await spoil('spoiled');
    await bench.eventually(async () =>
      (await bench.events('spoiled')).some((line) =>
        /FailedValidation: .*status\.phase/.test(line),
      ),
    );
    const isGone = (name: string) => async () =>
      (await bench.kubectl.run('get', 'pod', name)).code !== 0;
    await bench.delete('spoiled', 30);
    await bench.eventually(isGone('spoiled'));
    assert.equal(containerProcesses().size, 0);

    await bench.node.stop();
    await bench.create('unread', [forever]);
    await spoil('unread');
    bench.node.start();
    await bench.eventually(async () => (await bench.events('unread')).length > 0);
    await bench.delete('unread', 30);
    await bench.eventually(isGone('unread'));
  });

  it('goes on with a full disk, and starts what waited once there is space', async () => {
    await bench.create('steady', [forever]);
    const before = await bench.until('steady', isPodReady);
    const processes = containerProcesses();
    disk.fill();
    await bench.create('cramped', ['exit(lit:0)'], never);
    await bench.eventually(async () =>
      (await bench.events('cramped')).some((line) => /no space left|ENOSPC/i.test(line)),
    );
    await bench.restart('SIGKILL');
    const now = await bench.until('steady', isPodReady);
    assert.deepEqual(now.status.containerStatuses, before.status.containerStatuses);
    assert.deepEqual(containerProcesses(), processes);
    disk.free();
    await bench.until('cramped', hasSucceeded, 60);
  });
});

/** How many requests for Secrets the API server has answered, whoever sent them. */
async function requestsForSecrets({ kubectl }: NodeBench): Promise<number> {
  const { stdout } = await kubectl.run('get', '--raw', '/metrics');
  const counters = stdout.matchAll(/^apiserver_request_total\{.*resource="secrets".*\} (\d+)$/gm);
  return counters.reduce((sum, [, count]) => sum + Number(count), 0);
}

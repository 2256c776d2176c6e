import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '../../../tests/cluster/server/eventually.ts';
import { PodApi } from '../../../tests/support/pod-api.ts';
import { Store } from '../../krator/cache/store.ts';
import { systemClock } from '../../kubernetes/clock.ts';
import { parsePod } from '../pods/parse-pod.ts';
import type { Pod } from '../pods/schema/pod.ts';
import { MirrorPods } from './mirror-pods.ts';
import { hashAnnotation, mirrorAnnotation, sourceAnnotation } from './static-annotations.ts';

const podOf = (annotations: Record<string, string>, status: object = {}): Pod =>
  parsePod({
    metadata: { name: 'guard-n', namespace: 'default', uid: 'u1', annotations },
    spec: { nodeName: 'n', containers: [{ name: 'app', image: 'example.dev/app:1' }] },
    status,
  });
const staticPod = podOf({ [sourceAnnotation]: 'file', [hashAnnotation]: 'h1' });
const running = { ...staticPod.status, phase: 'Running' } as const;

/** Mirrors at a server that is here, seen with a delay that the test has. */
class Bench implements AsyncDisposable {
  readonly api: PodApi;
  readonly atServer = new Store<Pod>();
  readonly staticPods = new Store<Pod>();
  readonly synced = Promise.withResolvers<void>();
  readonly errors: unknown[] = [];
  readonly mirrors: MirrorPods;
  readonly #end = new AbortController();
  readonly #running: Promise<void>;

  static async start(): Promise<Bench> {
    return new Bench(await PodApi.start());
  }

  constructor(api: PodApi) {
    this.api = api;
    this.mirrors = new MirrorPods({
      client: api.client(),
      clock: systemClock,
      atServer: this.atServer,
      staticPods: { store: this.staticPods, synced: this.synced.promise },
      node: async () => ({ metadata: { name: 'n', uid: 'node-uid' } }),
      onError: (error) => this.errors.push(error),
    });
    this.#running = this.mirrors.run(this.#end);
  }

  /** The node sees the pods as the server has them. */
  see(): void {
    this.atServer.replace([...this.api.pods.values()].map((pod) => parsePod(pod)));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end.abort();
    await this.#running;
    await this.api[Symbol.asyncDispose]();
  }
}

describe('MirrorPods', () => {
  it('shows a static pod, and nothing of it once it is gone', async () => {
    await using bench = await Bench.start();
    await bench.mirrors.writeStatus(staticPod, running);
    assert.deepEqual(bench.api.pods.get('guard-n')?.status, { ...staticPod.status, ...running });
    await bench.mirrors.delete(staticPod);
    assert.equal(bench.api.pods.size, 0, 'although the node has not seen the mirror yet');
  });

  it('leaves no mirror where the pod goes away while its mirror is made', async () => {
    await using bench = await Bench.start();
    bench.api.before = (method) => (method === 'POST' ? sleep(50) : sleep(0));
    await Promise.all([
      bench.mirrors.writeStatus(staticPod, running),
      sleep(10).then(() => bench.mirrors.delete(staticPod)),
    ]);
    assert.equal(bench.api.pods.size, 0);
  });

  it('brings back a mirror that somebody deletes', async () => {
    await using bench = await Bench.start();
    await bench.mirrors.writeStatus(staticPod, running);
    bench.see();
    bench.api.pods.clear();
    bench.see();
    await eventually(() => bench.api.pods.size === 1);
  });

  it('writes a status again that somebody else has changed, and no other', async () => {
    await using bench = await Bench.start();
    await bench.mirrors.writeStatus(staticPod, running);
    bench.see();
    const [mirror] = bench.atServer.list();
    assert.ok(mirror);
    const metadata = { ...mirror.metadata, resourceVersion: '100' };
    bench.atServer.put({ ...mirror, metadata, status: { ...mirror.status, phase: 'Failed' } });
    await eventually(() => bench.api.requests.length === 3);
    assert.deepEqual(bench.api.requests, ['POST guard-n', 'PATCH guard-n', 'PATCH guard-n']);
  });

  it('removes what no static pod is shown by, once all are known', async () => {
    await using bench = await Bench.start();
    await bench.api.client().request({
      method: 'POST',
      path: '/api/v1/namespaces/default/pods',
      body: podOf({ [mirrorAnnotation]: 'h0' }),
    });
    bench.see();
    await sleep(30);
    assert.equal(bench.api.pods.size, 1, 'its static pod may be about to start');
    bench.synced.resolve();
    await eventually(() => bench.api.pods.size === 0);
  });

  it('takes no other pod for a mirror', async () => {
    await using bench = await Bench.start();
    const own = podOf({});
    await bench.api.client().request({
      method: 'POST',
      path: '/api/v1/namespaces/default/pods',
      body: own,
    });
    await assert.rejects(bench.mirrors.writeStatus(staticPod, running), /another pod has its name/);
    await bench.mirrors.delete(staticPod);
    assert.deepEqual(bench.api.pods.get('guard-n')?.status, own.status);
  });
});

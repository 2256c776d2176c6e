import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { pods, serviceAccounts } from '../../src/kubelet/cluster/core-resources.ts';
import { parsePod } from '../../src/kubelet/pods/parse-pod.ts';
import type { Pod } from '../../src/kubelet/pods/schema/pod.ts';
import { isApiError } from '../../src/kubernetes/api/api-error.ts';
import { systemClock } from '../../src/kubernetes/clock.ts';
import { nodes } from '../../src/kubernetes/resources/node.ts';
import { ControlPlane } from './control-plane.ts';
import { type Fault, FaultProxy } from './fault-proxy.ts';
import { skipWithoutCluster, TestClient } from './test-cluster.ts';
import { TestKubelet } from './test-kubelet.ts';

const nodeName = 'faults-1';
const namespace = 'default';

/** The machine's clock, which somebody may set; time passes as it does. */
const clock = {
  ahead: 0,
  now: () => Date.now() + clock.ahead,
  sleep: systemClock.sleep,
};

const serviceAccountToken = { path: 'token', expirationSeconds: 600 };

/** How many pods run while the API server is away. */
const crowd = 20;

/** A control plane of its own, as what happens to it would hit the other tests. */
describe('a node among faults', { skip: skipWithoutCluster, timeout: 240_000 }, () => {
  const open = new AsyncDisposableStack();
  let controlPlane: ControlPlane;
  let admin: TestClient;
  let proxy: FaultProxy;
  let kubelet: TestKubelet;
  let tokenFile: string;
  let firstToken: string;

  before(async () => {
    const directory = mkdtempSync(path.join(os.tmpdir(), 'krustlet-faults-'));
    open.defer(() => rmSync(directory, { recursive: true, force: true }));
    controlPlane = open.use(await ControlPlane.start());
    admin = open.use(new TestClient(controlPlane.adminAccess));
    const identity = controlPlane.identity(`system:node:${nodeName}`, ['system:nodes']);
    proxy = open.use(await FaultProxy.start(controlPlane.access(identity)));
    const client = open.use(new TestClient(proxy.access));
    kubelet = open.use(new TestKubelet(client, nodeName, directory, clock));
    await eventually(async () => {
      const { status } = await admin.get(nodes, { name: nodeName });
      // Pods are refused until their namespace's ServiceAccount is there.
      await admin.get(serviceAccounts, { name: 'default', namespace });
      return status?.conditions !== undefined;
    });
  });
  after(async () => {
    await using _open = open;
    // Their processes are this one's children, and would keep it.
    const { items } = await admin.list(pods, { namespace });
    for (const { metadata } of items) await admin.delete(pods, metadata, { gracePeriodSeconds: 1 });
    await eventually(async () => (await admin.list(pods, { namespace })).items.length === 0);
  });

  const run = (name: string, script: string, spec: object = {}): Promise<Pod> =>
    admin.create(
      pods,
      parsePod({
        metadata: { name, namespace },
        spec: {
          nodeName,
          restartPolicy: 'Never',
          automountServiceAccountToken: false,
          serviceAccountName: 'default',
          containers: [
            {
              name: 'app',
              image: '/bin/sh',
              imagePullPolicy: 'IfNotPresent',
              command: ['/bin/sh', '-c', script],
            },
          ],
          ...spec,
        },
      }),
    );
  const phaseOf = async (name: string): Promise<string | undefined> =>
    (await admin.get(pods, { name, namespace })).status.phase;
  const reaches = (name: string, phase: string): Promise<void> =>
    eventually(async () => (await phaseOf(name)) === phase);

  const faults: readonly [string, Fault][] = [
    ['a conflict for every status', (method, url) => (isStatus(method, url) ? 409 : undefined)],
    ['a 500 for every status', (method, url) => (isStatus(method, url) ? 500 : undefined)],
    ['a 429 for everything', () => 429],
  ];
  for (const [name, fault] of faults) {
    it(`brings its pods' statuses in the end after ${name}`, async () => {
      const pod = `fault-${faults.findIndex(([known]) => known === name)}`;
      await run(pod, 'sleep 0.5; exit 0');
      proxy.fault = fault;
      await systemClock.sleep(1_500);
      proxy.fault = () => undefined;
      await reaches(pod, 'Succeeded');
    });
  }

  it('lists again what a watch has forgotten', async () => {
    proxy.fault = (_method, url) => (url.includes('watch=true') ? 410 : undefined);
    proxy.hangUp();
    await run('expired', 'exit 0');
    await reaches('expired', 'Succeeded');
    proxy.fault = () => undefined;
  });

  it('says again what it knows of a pod where somebody else has said otherwise', async () => {
    await run('known', 'exec sleep 600');
    await eventually(() => isReady('known'));
    await admin.patch(
      pods,
      { name: 'known', namespace },
      { kind: 'strategic', body: { status: { conditions: [{ type: 'Ready', status: 'False' }] } } },
      { subresource: 'status' },
    );
    await eventually(() => isReady('known'));
  });

  it('writes nothing for what it has written itself', async () => {
    const written: string[] = [];
    proxy.fault = (method, url) => {
      if (isStatus(method, url) && url.includes('/quiet/')) written.push(url);
      return undefined;
    };
    await run('quiet', 'exec sleep 600');
    await eventually(() => isReady('quiet'));
    await systemClock.sleep(1_000);
    proxy.fault = () => undefined;
    assert.equal(written.length, 1);
  });

  it('runs pods although its clock is set back and ahead', async () => {
    const { metadata } = await run('token', 'exec sleep 600', {
      volumes: [{ name: 'api', projected: { sources: [{ serviceAccountToken }] } }],
    });
    await eventually(() => isReady('token'));
    tokenFile = path.join(
      kubelet.directories.inMemory(metadata),
      ...['volumes', 'kubernetes.io~projected', 'api', serviceAccountToken.path],
    );
    firstToken = readFileSync(tokenFile, 'utf8');
    for (const [name, days] of [
      ['behind', -1],
      ['ahead', 1],
    ] as const) {
      clock.ahead = days * 86_400_000;
      await run(name, 'exit 0');
      await reaches(name, 'Succeeded');
    }
  });

  it('goes on while the API server is away for a minute, and asks little when it is back', async () => {
    const names = Array.from({ length: crowd }, (_, index) => `crowd-${index}`);
    await Promise.all(names.map((name) => run(name, 'exec sleep 600')));
    for (const name of names) await eventually(() => isReady(name));
    await run('through', 'sleep 20; exit 0');
    await reaches('through', 'Running');
    await controlPlane.apiServer.stop('SIGKILL');
    await systemClock.sleep(60_000);
    proxy.requests.clear();
    controlPlane.apiServer.start();
    await controlPlane.waitForApiServer();
    await reaches('through', 'Succeeded');
    for (const name of names) await eventually(() => isReady(name));
    const asked = [...proxy.requests.values()].reduce((sum, count) => sum + count, 0);
    assert.ok(asked < 100, `asked ${asked} times: ${JSON.stringify([...proxy.requests])}`);
    for (const name of names) {
      const { status } = await admin.get(pods, { name, namespace });
      assert.equal(status.containerStatuses[0]?.restartCount, 0);
    }
    // It is a day later by the node's clock, which is looked at every minute.
    await eventually(async () => readFileSync(tokenFile, 'utf8') !== firstToken);
    await run('afterwards', 'exit 0');
    await reaches('afterwards', 'Succeeded');
  });

  it('takes pods that came and went while it could not watch', async () => {
    await run('forgotten', 'exec sleep 60');
    await reaches('forgotten', 'Running');
    // Watches are refused, and versions grow old, as the API server starts without a history.
    proxy.fault = (_method, url) => (url.includes('watch=true') ? 500 : undefined);
    await controlPlane.apiServer.stop('SIGKILL');
    controlPlane.apiServer.start();
    await controlPlane.waitForApiServer();
    await admin.delete(pods, { name: 'forgotten', namespace }, { gracePeriodSeconds: 1 });
    await run('unseen', 'exit 0');
    proxy.fault = () => undefined;
    await reaches('unseen', 'Succeeded');
    await eventually(() => isGone('forgotten'));
  });

  it('lives through a restart of etcd', async () => {
    await controlPlane.etcd.stop('SIGKILL');
    await systemClock.sleep(500);
    controlPlane.etcd.start();
    await eventually(async () => {
      await run('etcd', 'exit 0');
      return true;
    });
    await reaches('etcd', 'Succeeded');
  });

  async function isReady(name: string): Promise<boolean> {
    const { status } = await admin.get(pods, { name, namespace });
    return status.conditions.some(({ type, status: is }) => type === 'Ready' && is === 'True');
  }

  async function isGone(name: string): Promise<boolean> {
    try {
      await admin.get(pods, { name, namespace });
      return false;
    } catch (error) {
      if (isApiError(error, 'NotFound')) return true;
      throw error;
    }
  }
});

function isStatus(method: string, url: string): boolean {
  return method === 'PATCH' && url.includes('/status');
}

/** An API server that is not there yet counts as no. */
async function eventually(check: () => Promise<boolean>, seconds = 30): Promise<void> {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const isSo = await check().catch((error) => {
      if (isApiError(error)) return false;
      throw error;
    });
    if (isSo) return;
    assert.ok(Date.now() < deadline, 'not in time');
    await systemClock.sleep(100);
  }
}

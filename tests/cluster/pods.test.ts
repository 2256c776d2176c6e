import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { configMaps, pods, runtimeClasses } from '../../src/kubelet/cluster/core-resources.ts';
import { parseConfigMap, parsePod } from '../../src/kubelet/pods/parse-pod.ts';
import type { Pod } from '../../src/kubelet/pods/schema/pod.ts';
import { isApiError } from '../../src/kubernetes/api/api-error.ts';
import type { KubernetesObject } from '../../src/kubernetes/api/object.ts';
import { parserOf, type Resource } from '../../src/kubernetes/api/resource.ts';
import { systemClock } from '../../src/kubernetes/clock.ts';
import { createNamespace, skipWithoutCluster, TestClient, testCluster } from './test-cluster.ts';
import { joinAsNode, TestKubelet } from './test-kubelet.ts';

const nodeName = 'pods-1';

interface EventObject extends KubernetesObject {
  readonly reason: string;
  readonly count: number;
}
const events: Resource<EventObject> = {
  apiVersion: 'v1',
  kind: 'Event',
  plural: 'events',
  namespaced: true,
  parse: parserOf('Event'),
};

const sh = (script: string, fields: object = {}): object => ({
  name: 'app',
  image: '/bin/sh',
  imagePullPolicy: 'IfNotPresent',
  command: ['/bin/sh', '-c', script],
  ...fields,
});
const tolerations = [{ key: 'kubernetes.io/arch', operator: 'Exists' }];
/** Nodes of other test files may be there, some of them not running any more. */
const nodeSelector = { 'kubernetes.io/hostname': nodeName };

/** Other test files of the run may have created it. */
async function createRuntimeClass(client: TestClient): Promise<void> {
  try {
    await client.create(runtimeClasses, { metadata: { name: 'wasm' }, handler: 'wasm' });
  } catch (error) {
    if (!isApiError(error, 'AlreadyExists')) throw error;
  }
}

describe('pods of a cluster', { skip: skipWithoutCluster, timeout: 120_000 }, () => {
  let directory: string;
  let admin: TestClient;
  let namespace: string;
  let node: TestClient;
  let kubelet: TestKubelet;

  before(async () => {
    directory = mkdtempSync(path.join(os.tmpdir(), 'krustlet-pods-'));
    admin = new TestClient(testCluster().admin);
    namespace = await createNamespace(admin, 'pods');
    await createRuntimeClass(admin);
    await eventually(async () => {
      // The admission plugin refuses pods until the namespace's ServiceAccount is there.
      const serviceAccounts = {
        ...pods,
        plural: 'serviceaccounts',
        parse: parserOf('ServiceAccount'),
      };
      return (await admin.list(serviceAccounts, { namespace })).items.length > 0;
    });
    node = await joinAsNode(nodeName, directory);
    kubelet = new TestKubelet(node, nodeName, directory);
  });
  after(async () => {
    for (const { metadata } of (await admin.list(pods, { namespace })).items) {
      await admin.delete(pods, metadata, { gracePeriodSeconds: 1 });
      await eventually(() => isGone(metadata.name));
    }
    await kubelet[Symbol.asyncDispose]();
    await node[Symbol.asyncDispose]();
    await admin[Symbol.asyncDispose]();
    rmSync(directory, { recursive: true, force: true });
  });

  const create = (name: string, spec: object): Promise<Pod> =>
    admin.create(
      pods,
      parsePod({ metadata: { name, namespace }, spec: { tolerations, nodeSelector, ...spec } }),
    );
  const createConfigMap = (name: string, data: object): Promise<unknown> =>
    admin.create(configMaps, parseConfigMap({ metadata: { name, namespace }, data }));
  const until = async (name: string, wanted: (pod: Pod) => boolean): Promise<Pod> => {
    let last: Pod | undefined;
    await eventually(
      async () => {
        last = await admin.get(pods, { name, namespace });
        return wanted(last);
      },
      () => JSON.stringify(last?.status, null, 1),
    );
    assert.ok(last);
    return last;
  };
  const condition = ({ status }: Pod, type: string): string | undefined =>
    status.conditions.find((each) => each.type === type)?.status;

  it('come to the node by the scheduler, run, and say so', async () => {
    await create('running', { runtimeClassName: 'wasm', containers: [sh('exec sleep 60')] });
    const pod = await until('running', (seen) => condition(seen, 'Ready') === 'True');
    assert.equal(pod.spec.nodeName, nodeName);
    assert.equal(pod.status.phase, 'Running');
    assert.match(pod.status.podIP ?? '', /^10\.244\./);
    assert.equal(pod.status.hostIP, '10.77.0.1');
    assert.equal(pod.status.containerStatuses[0]?.ready, true);
    const files = readdirSync(kubelet.directories.inMemory(pod.metadata), { recursive: true });
    assert.ok(files.some((file) => /kube-api-access-\w+\/token$/.test(String(file))));
    await eventually(async () => {
      const { items } = await admin.list(events, {
        namespace,
        fieldSelector: 'involvedObject.name=running',
      });
      const reasons = items.map(({ reason }) => reason);
      return ['Scheduled', 'Pulled', 'Created', 'Started'].every((each) => reasons.includes(each));
    });
  });

  it('are deleted when nothing of them runs any more', async () => {
    await create('deleted', { containers: [sh('exec sleep 60')] });
    await until('deleted', ({ status }) => status.phase === 'Running');
    await admin.delete(pods, { name: 'deleted', namespace }, { gracePeriodSeconds: 2 });
    await eventually(() => isGone('deleted'));
  });

  it('end as they end, with an environment from the cluster', async () => {
    await createConfigMap('settings', { greeting: 'hello' });
    const script = ['echo $GREETING $POD_IP $KUBERNETES_SERVICE_HOST', 'exit 3'].join('; ');
    await create('ended', {
      restartPolicy: 'Never',
      containers: [
        sh(script, {
          env: [
            {
              name: 'GREETING',
              valueFrom: { configMapKeyRef: { name: 'settings', key: 'greeting' } },
            },
            { name: 'POD_IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
          ],
        }),
      ],
    });
    const pod = await until('ended', ({ status }) => status.phase === 'Failed');
    assert.equal(pod.status.containerStatuses[0]?.state.terminated?.exitCode, 3);
    const log = kubelet.directories.log(pod.metadata, 'app', 0);
    assert.match(readFileSync(log, 'utf8'), /hello 10\.244\.\d+\.\d+ 10\.96\.0\.1/);
  });

  it('wait for a ConfigMap that is missing, and start when it comes', async () => {
    await create('waiting', {
      restartPolicy: 'Never',
      containers: [sh('true', { envFrom: [{ configMapRef: { name: 'late' } }] })],
    });
    const reasonOf = ({ status }: Pod) => status.containerStatuses[0]?.state.waiting?.reason;
    await until('waiting', (pod) => reasonOf(pod) === 'CreateContainerConfigError');
    await createConfigMap('late', {});
    await until('waiting', ({ status }) => status.phase === 'Succeeded');
  });

  it('that do not fit although they are bound here say why', async () => {
    const cpu = { resources: { requests: { cpu: '64' } } };
    await create('big', { nodeName, containers: [sh('true', cpu)] });
    const { status } = await until('big', (pod) => pod.status.phase === 'Failed');
    assert.equal(status.reason, 'OutOfcpu');
  });

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

async function eventually(
  check: () => Promise<boolean>,
  seen: () => string | undefined = () => undefined,
): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!(await check())) {
    assert.ok(Date.now() < deadline, `not in time; last seen: ${seen()}`);
    await systemClock.sleep(50);
  }
}

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { csiNodes } from '../../../src/kubelet/cluster/api-csi.ts';
import type { Pod } from '../../../src/kubelet/pods/schema/pod.ts';
import { MockCsiDriver } from '../../support/mock-csi-driver.ts';
import { provisionMockVolumes } from '../../support/mock-provisioner.ts';
import { skipWithoutCluster } from '../test-cluster.ts';
import { container, forever, isPodReady, NodeBench } from './node-bench.ts';

const driverName = 'mock.csi.example.com';

describe('volumes of CSI drivers', { skip: skipWithoutCluster, timeout: 240_000 }, () => {
  const open = new AsyncDisposableStack();
  let bench: NodeBench;
  let driver: MockCsiDriver;
  let volumes: string;

  before(async () => {
    bench = open.use(await NodeBench.start());
    volumes = path.join(bench.node.directory, 'volumes');
    const directory = path.join(bench.node.dataDir, 'plugins');
    driver = open.use(new MockCsiDriver({ directory, volumes, name: driverName, nodeId: 'here' }));
    await driver.listen();
    const ending = new AbortController();
    const provisioning = provisionMockVolumes(bench.admin, driverName, 'mock', ending);
    open.defer(async () => {
      ending.abort();
      await provisioning;
    });
    await bench.apply(
      {
        apiVersion: 'storage.k8s.io/v1',
        kind: 'CSIDriver',
        metadata: { name: driverName },
        spec: {
          attachRequired: false,
          podInfoOnMount: true,
          volumeLifecycleModes: ['Persistent', 'Ephemeral'],
        },
      },
      {
        apiVersion: 'storage.k8s.io/v1',
        kind: 'StorageClass',
        metadata: { name: 'mock' },
        provisioner: driverName,
      },
    );
  });
  after(() => open.disposeAsync());

  const hasSucceeded = ({ status }: Pod) => status.phase === 'Succeeded';
  const uses = (source: object, args: readonly string[]) => ({
    restartPolicy: 'Never',
    volumes: [{ name: 'data', ...source }],
    containers: [container('app', args, { volumeMounts: [{ name: 'data', mountPath: '/data' }] })],
  });
  const claims = (claimName: string) => ({ persistentVolumeClaim: { claimName } });
  const calls = (method: string) => driver.methods.filter((name) => name === method).length;

  it('are announced', async () => {
    await bench.eventually(() => driver.statuses.length > 0);
    assert.deepEqual(driver.statuses, ['']);
    const node = await bench.admin.get(csiNodes, { name: bench.node.name });
    assert.deepEqual(node.spec.drivers, [
      { name: driverName, nodeID: 'here', topologyKeys: null, allocatable: { count: 7 } },
    ]);
  });

  it('are provisioned, written and read, and taken back when their pods go', async () => {
    await bench.apply({
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: 'claim', namespace: bench.namespace },
      spec: {
        storageClassName: 'mock',
        accessModes: ['ReadWriteOnce'],
        resources: { requests: { storage: '1Mi' } },
      },
    });
    const args = [
      'write(lit:kept)to(file:/data/file.txt)',
      'read(file:/data/file.txt)to(var:text)',
      'assert_value(var:text)is(lit:kept)',
    ];
    const pod = await bench.create('writer', [], uses(claims('claim'), args));
    await bench.until('writer', hasSucceeded, 60);
    await bench.eventually(() => calls('NodeUnstageVolume') === 1);
    await bench.delete('writer');
    const left = path.join(bench.node.dataDir, 'pods', pod.metadata.uid);
    await bench.eventually(() => !existsSync(left));
    const [volume = ''] = driver.calls.flatMap(({ request }) =>
      'volumeId' in request ? [String(request.volumeId)] : [],
    );
    assert.equal(readFileSync(path.join(volumes, volume, 'file.txt'), 'utf8'), 'kept');
  });

  it('stay with pods while the daemon is away, and go with those that went meanwhile', async () => {
    await bench.create('stays', [], uses(claims('claim'), [forever]));
    await bench.until('stays', isPodReady);
    const before = calls('NodePublishVolume');
    await bench.restart();
    await bench.until('stays', isPodReady);
    assert.equal(calls('NodePublishVolume'), before);
    await bench.node.stop();
    const unpublished = calls('NodeUnpublishVolume');
    await bench.delete('stays', 0);
    await bench.eventually(() => bench.isGone('stays'));
    bench.node.start();
    await bench.eventually(() => calls('NodeUnpublishVolume') > unpublished, undefined, 60);
  });

  it('of a pod itself go with it', async () => {
    const csi = { driver: driverName, volumeAttributes: { flavour: 'plain' } };
    await bench.create('own', [], uses({ csi }, ['write(lit:x)to(file:/data/file.txt)']));
    await bench.until('own', hasSucceeded);
    const published = driver.calls.findLast(({ method }) => method === 'NodePublishVolume');
    assert.ok(published && 'volumeContext' in published.request);
    const context = JSON.stringify(published.request.volumeContext);
    assert.match(context, /"flavour":"plain"/);
    assert.match(context, /"csi.storage.k8s.io\/pod.name":"own"/);
    assert.match(context, /"csi.storage.k8s.io\/ephemeral":"true"/);
  });
});

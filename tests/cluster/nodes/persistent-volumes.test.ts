import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Pod } from '../../../src/kubelet/pods/schema/pod.ts';
import { skipWithoutCluster } from '../test-cluster.ts';
import { container, NodeBench } from './node-bench.ts';

describe('PersistentVolumes', { skip: skipWithoutCluster, timeout: 240_000 }, () => {
  let bench: NodeBench;

  before(async () => {
    bench = await NodeBench.start();
  });
  after(() => bench[Symbol.asyncDispose]());

  const hasSucceeded = ({ status }: Pod) => status.phase === 'Succeeded';
  const size = { storage: '1Mi' };
  const claim = (name: string) => ({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name, namespace: bench.namespace },
    spec: {
      storageClassName: '',
      volumeName: `${bench.namespace}-${name}`,
      accessModes: ['ReadWriteOnce'],
      resources: { requests: size },
    },
  });
  const volume = (name: string, spec: object) => ({
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name: `${bench.namespace}-${name}` },
    spec: {
      accessModes: ['ReadWriteOnce'],
      capacity: size,
      persistentVolumeReclaimPolicy: 'Retain',
      ...spec,
    },
  });
  const uses = (claimName: string, args: readonly string[], more: object = {}) => ({
    restartPolicy: 'Never',
    volumes: [{ name: 'data', persistentVolumeClaim: { claimName, ...more } }],
    containers: [container('app', args, { volumeMounts: [{ name: 'data', mountPath: '/data' }] })],
  });

  it('of a folder are waited for, written and read, and stay when pods go', async () => {
    const directory = path.join(bench.node.directory, 'host');
    await bench.apply(claim('host'));
    await bench.create('writer', [], uses('host', ['write(lit:kept)to(file:/data/file.txt)']));
    await bench.eventually(async () =>
      (await bench.events('writer')).some((line) => /FailedMount: .*PVC is not bound/.test(line)),
    );
    assert.ok(!existsSync(directory));
    await bench.apply(volume('host', { hostPath: { path: directory, type: 'DirectoryOrCreate' } }));
    await bench.until('writer', hasSucceeded, 60);
    await bench.delete('writer');
    await bench.eventually(() => bench.isGone('writer'));
    assert.equal(readFileSync(path.join(directory, 'file.txt'), 'utf8'), 'kept');
    const reads = ['read(file:/data/file.txt)to(var:text)', 'assert_value(var:text)is(lit:kept)'];
    await bench.create('reader', [], uses('host', reads, { readOnly: true }));
    await bench.until('reader', hasSucceeded);
  });

  it('of this machine are had here, and those of another machine are not', async () => {
    const directory = path.join(bench.node.directory, 'local');
    mkdirSync(directory);
    const on = (node: string) => ({
      local: { path: directory },
      nodeAffinity: {
        required: {
          nodeSelectorTerms: [
            {
              matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: [node] }],
            },
          ],
        },
      },
    });
    await bench.apply(
      ...[claim('local'), volume('local', on(bench.node.name))],
      ...[claim('elsewhere'), volume('elsewhere', on('elsewhere'))],
    );
    const writes = ['write(lit:local)to(file:/data/file.txt)'];
    await bench.create('here', [], uses('local', writes));
    await bench.until('here', hasSucceeded, 60);
    assert.equal(readFileSync(path.join(directory, 'file.txt'), 'utf8'), 'local');
    await bench.create('lost', [], uses('elsewhere', writes));
    await bench.eventually(async () =>
      (await bench.events('lost')).some((line) => /FailedMount: .*no matching Node/.test(line)),
    );
    await bench.delete('lost');
  });
});

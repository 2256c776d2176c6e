import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { skipWithoutCluster } from '../test-cluster.ts';
import { container, containerProcesses, forever, isPodReady, NodeBench } from './node-bench.ts';

describe('static pods', { skip: skipWithoutCluster, timeout: 180_000 }, () => {
  let bench: NodeBench;
  let mirror: string;

  before(async () => {
    bench = await NodeBench.start();
    mirror = `guard-${bench.node.name}`;
    write('first');
  });
  after(async () => {
    rmSync(file(), { force: true });
    await bench[Symbol.asyncDispose]();
  });

  const file = (): string => path.join(bench.node.staticPods, 'guard.yaml');
  const write = (label: string): void =>
    writeFileSync(
      file(),
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'guard', namespace: bench.namespace, labels: { label } },
        spec: {
          terminationGracePeriodSeconds: 1,
          initContainers: [container('init', ['exit(lit:0)'])],
          containers: [container('app', [forever])],
        },
      }),
    );
  const containerID = (): Promise<string | undefined> =>
    bench.until(mirror, () => true).then(({ status }) => status.containerStatuses[0]?.containerID);

  it('run, and are shown by a mirror that belongs to the node', async () => {
    const { metadata } = await bench.until(mirror, isPodReady);
    assert.equal(metadata.annotations['kubernetes.io/config.source'], 'file');
    assert.equal(
      metadata.annotations['kubernetes.io/config.mirror'],
      metadata.annotations['kubernetes.io/config.hash'],
    );
    const owner = '{.metadata.ownerReferences[0].kind}/{.metadata.ownerReferences[0].name}';
    const { stdout } = await bench.kubectl.run('get', 'pod', mirror, '-o', `jsonpath=${owner}`);
    assert.equal(stdout, `Node/${bench.node.name}`);
  });

  it('go on when somebody deletes the mirror, which comes back', async () => {
    const before = await bench.until(mirror, isPodReady);
    const processes = containerProcesses();
    await bench.delete(mirror, 0);
    const again = await bench.until(
      mirror,
      (pod) => pod.metadata.uid !== before.metadata.uid && isPodReady(pod),
    );
    assert.deepEqual(containerProcesses(), processes);
    assert.equal(
      again.status.containerStatuses[0]?.containerID,
      before.status.containerStatuses[0]?.containerID,
    );
  });

  it('go on when somebody deletes the mirror with grace, which comes back', async () => {
    const before = await bench.until(mirror, isPodReady);
    const processes = containerProcesses();
    await bench.delete(mirror, 30);
    await bench.until(mirror, (pod) => pod.metadata.uid !== before.metadata.uid && isPodReady(pod));
    assert.deepEqual(containerProcesses(), processes);
  });

  it('give their logs under the name of the mirror', async () => {
    assert.match(await bench.logOf(mirror), /wasmercise/);
  });

  it('are made anew when the file changes', async () => {
    const before = await containerID();
    write('second');
    const pod = await bench.until(
      mirror,
      (seen) => seen.metadata.labels.label === 'second' && isPodReady(seen),
    );
    assert.notEqual(pod.status.containerStatuses[0]?.containerID, before);
  });

  it('are found again by another life of the daemon', async () => {
    const before = await containerID();
    await bench.restart();
    const pod = await bench.until(mirror, isPodReady);
    assert.equal(pod.status.containerStatuses[0]?.containerID, before);
    assert.equal(pod.status.containerStatuses[0]?.restartCount, 0);
  });

  it('end with the file, and the mirror with them, although the daemon was away', async () => {
    await bench.node.stop();
    rmSync(file());
    bench.node.start();
    await bench.eventually(() => bench.isGone(mirror));
    await bench.eventually(() => containerProcesses().size === 0);
    write('third');
    await bench.until(mirror, isPodReady);
  });

  it('take the place of a pod that has their name', async () => {
    rmSync(file());
    await bench.eventually(() => bench.isGone(mirror));
    const other = await bench.create(mirror, [forever]);
    await bench.until(mirror, isPodReady);
    write('fourth');
    const pod = await bench.until(
      mirror,
      (seen) => seen.metadata.uid !== other.metadata.uid && isPodReady(seen),
    );
    assert.equal(pod.metadata.labels.label, 'fourth');
    assert.equal(containerProcesses().size, 1);
  });
});

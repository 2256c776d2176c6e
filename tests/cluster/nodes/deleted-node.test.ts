import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { AddressRange } from '../../../src/kubelet/network/address-range.ts';
import { type Node, nodes } from '../../../src/kubernetes/resources/node.ts';
import { skipWithoutCluster } from '../test-cluster.ts';
import { container, forever, isPodReady, isReady, NodeBench } from './node-bench.ts';

describe('a node whose Node is deleted', { skip: skipWithoutCluster, timeout: 180_000 }, () => {
  let bench: NodeBench;
  let mirror: string;
  let first: Node;
  let second: Node;

  before(async () => {
    bench = await NodeBench.start();
    mirror = `guard-${bench.node.name}`;
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'guard', namespace: bench.namespace },
      spec: { terminationGracePeriodSeconds: 1, containers: [container('app', [forever])] },
    };
    writeFileSync(file(), JSON.stringify(pod));
    await bench.until(mirror, isPodReady);
    await bench.create('before', [forever]);
    await bench.until('before', isPodReady);
    first = await bench.untilNode(hasRange);
  });
  after(async () => {
    rmSync(file(), { force: true });
    await bench[Symbol.asyncDispose]();
  });

  const file = (): string => path.join(bench.node.staticPods, 'guard.yaml');
  const hasRange = ({ spec }: Node): boolean => spec?.podCIDR !== undefined;
  const routes = (): string =>
    execFileSync('ip', ['route', 'show', 'table', 'local'], { encoding: 'utf8' });
  const rangeOf = ({ spec }: Node): string => spec?.podCIDR ?? '';

  it('has told how it is in Events that kubectl describe shows', async () => {
    const { stdout } = await bench.kubectl.run('describe', 'node', bench.node.name);
    for (const reason of [
      'Starting',
      'NodeHasSufficientMemory',
      'NodeHasNoDiskPressure',
      'NodeReady',
    ]) {
      assert.match(stdout, new RegExp(`Normal +${reason} .* kubelet `), stdout);
    }
  });

  it('registers again, and says at once how it is', async () => {
    await bench.admin.delete(nodes, { name: bench.node.name });
    // It looks at itself every ten seconds; what is new is told in the same turn.
    const created = await bench.untilNode(({ metadata }) => metadata.uid !== first.metadata.uid);
    await bench.untilNode(isReady, 5);
    second = await bench.untilNode((node) => hasRange(node) && isReady(node));
    assert.equal(second.metadata.uid, created.metadata.uid);
  });

  it('gives new pods addresses out of its new range, and leaves others theirs', async () => {
    assert.notEqual(rangeOf(second), rangeOf(first), 'the cluster hands out the next range');
    const kept = (await bench.until('before', isPodReady)).status.podIP ?? '';
    await bench.create('after', [forever]);
    const given = (await bench.until('after', isPodReady)).status.podIP ?? '';
    assert.ok(new AddressRange(rangeOf(second)).contains(given), given);
    assert.ok(new AddressRange(rangeOf(first)).contains(kept), kept);
    assert.ok(routes().includes(rangeOf(first)) && routes().includes(rangeOf(second)));
  });

  it('shows its static pods again, as pods of the new Node', async () => {
    const owner = '{.metadata.ownerReferences[0].uid}';
    await bench.eventually(async () => {
      const flags = ['get', 'pod', mirror, '--output', `jsonpath=${owner}`];
      return (await bench.kubectl.run(...flags)).stdout === second.metadata.uid;
    });
    await bench.until(mirror, isPodReady);
  });

  it('gives the old range back when the last pod with an address of it is gone', async () => {
    rmSync(file());
    await bench.delete('before');
    await bench.eventually(() => !routes().includes(rangeOf(first)), routes);
  });
});

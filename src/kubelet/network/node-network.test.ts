import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { systemClock } from '../../kubernetes/clock.ts';
import { parsePod } from '../pods/parse-pod.ts';
import { NodeNetwork } from './node-network.ts';

const pod = parsePod({
  metadata: { name: 'p', uid: 'u' },
  spec: { containers: [{ name: 'c', image: 'i' }] },
});
const hostIPs = ['10.0.0.1'];
const restingDirectory = '/nonexistent'; // no pod has an address of its own here

describe('NodeNetwork', () => {
  it('lets go of a pod that waits for the cluster to say where pods have their addresses', async () => {
    const network = new NodeNetwork(
      { podCIDRs: () => new Promise(() => undefined), clock: systemClock, warn: () => undefined },
      { hostIPs, restingDirectory },
    );
    const deleted = new AbortController();
    const waiting = network.allocate(pod, [], deleted);
    deleted.abort(new Error('deleted'));
    await assert.rejects(waiting, /deleted/);
    await network.release(pod.metadata.uid);
  });

  it("has pods share the node's address where the cluster gives it no range", async () => {
    const warnings: string[] = [];
    const network = new NodeNetwork(
      { podCIDRs: async () => [], clock: systemClock, warn: (text) => warnings.push(text) },
      { hostIPs, restingDirectory },
    );
    assert.deepEqual(await network.allocate(pod, []), hostIPs);
    assert.equal(warnings.length, 1);
    await network.release(pod.metadata.uid);
  });

  it('leaves a pod whose containers run the address that they listen on', async () => {
    const network = new NodeNetwork(
      { podCIDRs: async () => [], clock: systemClock, warn: () => undefined },
      { hostIPs, restingDirectory },
    );
    network.reserve(pod.metadata.uid, ['10.9.0.7'], true);
    assert.deepEqual(await network.allocate(pod, []), ['10.9.0.7']);
    await network.release(pod.metadata.uid);
    assert.deepEqual(await network.allocate(pod, []), hostIPs);
  });
});

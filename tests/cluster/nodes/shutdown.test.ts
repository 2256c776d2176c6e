import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Pod } from '../../../src/kubelet/pods/schema/pod.ts';
import { skipWithoutCluster } from '../test-cluster.ts';
import { containerProcesses, forever, isPodReady, isReady, NodeBench } from './node-bench.ts';

const classes = ['wasm', 'wasm-isolated'];

describe('the end of a node', { skip: skipWithoutCluster, timeout: 180_000 }, () => {
  let bench: NodeBench;

  before(async () => {
    bench = await NodeBench.start();
    await bench.kubectl.run('apply', '--filename', 'deploy/runtime-classes.yaml');
  });
  after(() => bench[Symbol.asyncDispose]());

  const stateOf = ({ metadata, status }: Pod) => ({
    uid: metadata.uid,
    podIPs: status.podIPs,
    containers: status.containerStatuses,
    conditions: status.conditions,
  });

  it('leaves pods running, and the next life finds them as they were', async () => {
    for (const name of classes) {
      await bench.create(name, [forever], { runtimeClassName: name });
    }
    const before = await Promise.all(classes.map((name) => bench.until(name, isPodReady)));
    const processes = containerProcesses();
    assert.equal(processes.size, classes.length);
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGKILL'] as const) {
      await bench.restart(signal);
      // Whatever it would write wrongly, it writes at once.
      await bench.create(`after-${signal.toLowerCase()}`, ['exit(lit:0)'], {
        restartPolicy: 'Never',
      });
      await bench.until(
        `after-${signal.toLowerCase()}`,
        ({ status }) => status.phase === 'Succeeded',
      );
      const now = await Promise.all(classes.map((name) => bench.until(name, isPodReady)));
      assert.deepEqual(now.map(stateOf), before.map(stateOf));
      assert.deepEqual(containerProcesses(), processes);
    }
  });

  it('lets addresses of pods that are gone rest, whichever life they ended in', async () => {
    const had = await Promise.all(classes.map((name) => bench.until(name, isPodReady)));
    for (const name of classes) await bench.delete(name);
    for (const name of classes) await bench.eventually(() => bench.isGone(name));
    await bench.restart('SIGKILL');
    const resting = readdirSync(path.join(bench.node.dataDir, 'resting'));
    for (const { status } of had) assert.ok(resting.includes(status.podIP ?? ''), resting.join());
  });

  it('ends pods by priority where it is asked to, and says why', async () => {
    await bench.kubectl.run('delete', 'pods', '--all', '--grace-period=1');
    await bench.create('ordinary', [forever]);
    await bench.create('critical', [forever], { priorityClassName: 'system-node-critical' });
    for (const name of ['ordinary', 'critical']) await bench.until(name, isPodReady);
    await bench.restart('SIGTERM', ['--drain-on-shutdown=true', '--shutdown-grace-period=20s']);
    await bench.create('witness', ['exit(lit:0)'], { restartPolicy: 'Never' });
    await bench.until('witness', ({ status }) => status.phase === 'Succeeded');
    assert.equal(await bench.node.stop(), 0);
    assert.equal(containerProcesses().size, 0);
    const { spec } = await bench.untilNode(() => true);
    const local = execFileSync('ip', ['route', 'show', 'table', 'local'], { encoding: 'utf8' });
    assert.ok(spec?.podCIDR !== undefined && !local.includes(spec.podCIDR), local);
    const [ordinary, critical] = await Promise.all(
      ['ordinary', 'critical'].map((name) => bench.until(name, () => true)),
    );
    assert.ok(ordinary && critical);
    for (const { status } of [ordinary, critical]) {
      assert.equal(status.phase, 'Failed');
      assert.equal(status.reason, 'Terminated');
      assert.match(status.message ?? '', /imminent node shutdown/);
      assert.ok(status.conditions.some(({ reason }) => reason === 'TerminationByKubelet'));
    }
    const endOf = ({ status }: Pod) =>
      status.containerStatuses[0]?.state.terminated?.finishedAt ?? '';
    assert.ok(endOf(ordinary) <= endOf(critical));
    const node = await bench.untilNode(() => true);
    const ready = node.status?.conditions?.find(({ type }) => type === 'Ready');
    assert.equal(ready?.status, 'False');
    assert.equal(ready?.message, 'node is shutting down');
  });

  it('is forgotten by the next life: the node is Ready and ended pods do not run again', async () => {
    bench.node.start();
    await bench.untilNode(isReady);
    await bench.create('next', ['exit(lit:0)'], { restartPolicy: 'Never' });
    await bench.until('next', ({ status }) => status.phase === 'Succeeded');
    assert.equal((await bench.until('ordinary', () => true)).status.phase, 'Failed');
    assert.equal(containerProcesses().size, 0);
  });
});

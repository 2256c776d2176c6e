import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Pod } from '../../../src/kubelet/pods/schema/pod.ts';
import { MockDevicePlugin } from '../../support/mock-device-plugin.ts';
import { skipWithoutCluster } from '../test-cluster.ts';
import { container, forever, isPodReady, NodeBench } from './node-bench.ts';

const resource = 'example.com/mock-plugin';

describe('device plugins', { skip: skipWithoutCluster, timeout: 240_000 }, () => {
  const open = new AsyncDisposableStack();
  let bench: NodeBench;
  let plugin: MockDevicePlugin;

  before(async () => {
    bench = open.use(await NodeBench.start());
    const shared = path.join(bench.node.directory, 'shared');
    mkdirSync(shared);
    writeFileSync(path.join(shared, 'serial'), '4711');
    plugin = open.use(
      new MockDevicePlugin({
        directory: path.join(bench.node.dataDir, 'device_plugins'),
        resource,
        devices: { one: 'Healthy', two: 'Healthy', three: 'Unhealthy' },
        allocation: (ids) => ({
          envs: { DEVICES: [...ids].sort().join() },
          mounts: [{ hostPath: shared, containerPath: '/device', readOnly: true }],
        }),
      }),
    );
    await plugin.listen();
    await plugin.register();
    await bench.untilNode(({ status }) => status?.allocatable?.[resource] === '2');
  });
  after(() => open.disposeAsync());

  const withDevices = (amount: number, args: readonly string[]) => ({
    restartPolicy: 'Never',
    containers: [container('app', args, { resources: { limits: { [resource]: String(amount) } } })],
  });
  const hasFailed = ({ status }: Pod) => status.phase === 'Failed';

  it('are counted in the Node', async () => {
    const { status } = await bench.untilNode(() => true);
    assert.equal(status?.capacity?.[resource], '3');
  });

  it('give a pod all of their devices, with variables and mounts', async () => {
    await bench.create(
      'all',
      [],
      withDevices(2, [
        'assert_value(env:DEVICES)is(lit:one,two)',
        'read(file:/device/serial)to(var:serial)',
        'assert_value(var:serial)is(lit:4711)',
      ]),
    );
    await bench.until('all', ({ status }) => status.phase === 'Succeeded');
    await bench.delete('all');
  });

  it('keep devices with their pods while the daemon is away', async () => {
    await bench.create('holder', [], withDevices(1, [forever]));
    await bench.until('holder', isPodReady);
    await bench.restart();
    await plugin.register();
    await bench.untilNode(({ status }) => status?.allocatable?.[resource] === '2');
    await bench.create('greedy', [], withDevices(2, [forever]));
    const { status } = await bench.until('greedy', hasFailed);
    assert.equal(status.reason, 'UnexpectedAdmissionError');
    assert.match(status.message ?? '', /Requested: 2, Available: 1/);
    await bench.until('holder', isPodReady);
    await bench.delete('holder');
    await bench.eventually(() => bench.isGone('holder'));
    await bench.create('next', [], withDevices(2, [forever]));
    await bench.until('next', isPodReady);
    await bench.delete('next');
  });

  it('do not matter to a pod that asks for a resource of nobody', async () => {
    await bench.create('none', [], {
      restartPolicy: 'Never',
      containers: [container('app', [], { resources: { limits: { 'example.com/nobody': '1' } } })],
    });
    await bench.until('none', ({ status }) => status.phase === 'Succeeded');
  });

  it('are gone from what can be had when they are gone', async () => {
    // It registers anew with a daemon that was started again.
    await bench.untilNode(({ status }) => status?.capacity?.[resource] === '3');
    await plugin[Symbol.asyncDispose]();
    const { status } = await bench.untilNode(
      ({ status }) => status?.allocatable?.[resource] === '0',
    );
    assert.equal(status?.capacity?.[resource], '3');
  });
});

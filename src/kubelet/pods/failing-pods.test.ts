import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { PodWorkbench } from '../../../tests/pods/pod-workbench.ts';
import { sh } from '../../../tests/pods/shell-container.ts';
import { SlowPreparingProvider, SlowProvider } from '../../../tests/pods/slow-provider.ts';
import type { PodStatus } from './schema/pod-status.ts';

const forever = 'exec sleep 60';
const hasEnded = ({ phase }: PodStatus) => phase === 'Succeeded' || phase === 'Failed';

describe('a pod that fails as a whole', () => {
  for (const Provider of [SlowProvider, SlowPreparingProvider]) {
    it(`ends a container that was being started meanwhile (${Provider.name})`, async () => {
      const provider = new Provider(2_000);
      await using bench = await PodWorkbench.create({ provider });
      const spec = { activeDeadlineSeconds: 1, terminationGracePeriodSeconds: 1 };
      await bench.add({ ...spec, containers: [sh(forever)] });
      const status = await bench.until(hasEnded);
      assert.equal(status.reason, 'DeadlineExceeded');
      assert.equal(status.containerStatuses[0]?.state.terminated?.exitCode, 143);
      assert.deepEqual(
        provider.containers.map(({ exit }) => exit?.exitCode),
        [143],
      );
    });
  }
});

describe('a pod that is done', () => {
  it('starts no sidecar again that waited for it', async () => {
    const provider = new SlowProvider(0);
    await using bench = await PodWorkbench.create({ provider, settings: { maxCrashBackoff: 700 } });
    await bench.add({
      restartPolicy: 'Never',
      initContainers: [sh('sleep 0.1; exit 1', { name: 'side', restartPolicy: 'Always' })],
      containers: [sh('sleep 0.6')],
    });
    await bench.until(
      ({ initContainerStatuses: [side] }) => side?.state.waiting?.reason === 'CrashLoopBackOff',
    );
    await bench.until(hasEnded);
    const started = provider.containers.length;
    await sleep(1_000);
    assert.equal(provider.containers.length, started);
  });
});

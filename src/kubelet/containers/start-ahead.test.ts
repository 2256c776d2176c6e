import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { NotingProvider } from '../../../tests/pods/noting-provider.ts';
import { PodWorkbench } from '../../../tests/pods/pod-workbench.ts';
import { parseConfigMap } from '../pods/parse-pod.ts';
import type { PodStatus } from '../pods/schema/pod-status.ts';

const container = (name: string, fields: object = {}) => ({
  name,
  image: '/bin/sh',
  imagePullPolicy: 'IfNotPresent',
  command: ['/bin/sh', '-c', 'true'],
  volumeMounts: [{ name: 'v', mountPath: '/v' }],
  ...fields,
});
const volumes = [{ name: 'v', configMap: { name: 'settings' } }];
const settings = parseConfigMap({ metadata: { name: 'settings' }, data: { in: 'x' } });
const hasEnded = ({ phase }: PodStatus) => phase === 'Succeeded' || phase === 'Failed';

async function begin(): Promise<{ provider: NotingProvider; bench: PodWorkbench }> {
  const provider = new NotingProvider();
  const bench = await PodWorkbench.create({ provider });
  return { provider, bench };
}

describe('startAhead', () => {
  it('has containers prepared while volumes are mounted, and started once', async () => {
    const { provider, bench } = await begin();
    await using _bench = bench;
    bench.objects.putConfigMap(settings);
    const configMap = bench.objects.configMap.bind(bench.objects);
    bench.objects.configMap = async (reference) => {
      await sleep(200); // as from an API server that is busy
      return await configMap(reference);
    };
    const containers = [container('one'), container('two')];
    await bench.add({ restartPolicy: 'Never', containers, volumes });
    const status = await bench.until(hasEnded);
    assert.equal(status.phase, 'Succeeded');
    assert.deepEqual(provider.prepared, ['one', 'two']);
    assert.deepEqual(provider.started, ['one', 'two']);
  });

  it('starts a container in its turn where the volumes had to wait', async () => {
    const { provider, bench } = await begin();
    await using _bench = bench;
    await bench.add({ restartPolicy: 'Never', containers: [container('app')], volumes });
    const isWaiting = async () => bench.events.some(({ reason }) => reason === 'FailedMount');
    await bench.eventually(isWaiting, () => bench.events);
    assert.deepEqual(provider.started, []);
    bench.objects.putConfigMap(settings);
    const status = await bench.until(hasEnded);
    assert.equal(status.phase, 'Succeeded');
    assert.equal(status.containerStatuses[0]?.restartCount, 0);
    assert.deepEqual(provider.prepared, ['app']);
    assert.deepEqual(provider.started, ['app']);
  });

  it('says what is wrong with a container in its turn', async () => {
    const { provider, bench } = await begin();
    await using _bench = bench;
    bench.objects.putConfigMap(settings);
    const env = [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'missing', key: 'a' } } }];
    await bench.add({ containers: [container('app', { env })], volumes });
    const status = await bench.until(
      ({ containerStatuses: [app] }) => app?.state.waiting?.message !== undefined,
    );
    const waiting = status.containerStatuses[0]?.state.waiting;
    assert.equal(waiting?.reason, 'CreateContainerConfigError');
    assert.deepEqual([provider.prepared, provider.started], [[], []]);
  });

  it('leaves to their turn what needs content or an init container', async () => {
    const { provider, bench } = await begin();
    await using _bench = bench;
    bench.objects.putConfigMap(settings);
    const volumeMounts = [{ name: 'v', mountPath: '/v', subPath: 'in' }];
    const containers = [container('app', { volumeMounts })];
    await bench.add({ restartPolicy: 'Never', containers, volumes });
    await bench.until(hasEnded);
    const initContainers = [container('first')];
    const spec = {
      restartPolicy: 'Never',
      initContainers,
      containers: [container('app')],
      volumes,
    };
    await bench.add(spec, { name: 'q' });
    assert.equal((await bench.until(hasEnded, 'q')).phase, 'Succeeded');
    assert.deepEqual(provider.prepared, []);
    assert.deepEqual(provider.started, ['app', 'first', 'app']);
  });
});

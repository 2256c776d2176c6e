import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PodWorkbench } from '../../../tests/pods/pod-workbench.ts';
import { parsePod } from '../pods/parse-pod.ts';
import { withFreshUid } from './pod-identity.ts';
import { type RunPodsOptions, runPods } from './run-pods.ts';

const podOf = (name: string, script: string, fields: object = {}, spec: object = {}) =>
  withFreshUid(
    parsePod({
      metadata: { name },
      spec: {
        restartPolicy: 'Never',
        terminationGracePeriodSeconds: 1,
        containers: [
          {
            name: 'c',
            image: '/bin/sh',
            imagePullPolicy: 'IfNotPresent',
            command: ['/bin/sh', '-c', script],
            ...fields,
          },
        ],
        ...spec,
      },
    }),
  );

async function run(pods: readonly ReturnType<typeof podOf>[], options: RunPodsOptions = {}) {
  await using bench = await PodWorkbench.create();
  const results = await runPods(await bench.components(), pods, options);
  return results.map(({ pod, problem }) => ({
    name: pod.metadata.name,
    phase: pod.status.phase,
    exitCode: pod.status.containerStatuses[0]?.state.terminated?.exitCode,
    problem,
  }));
}

describe('runPods', () => {
  it('runs pods to their ends', async () => {
    assert.deepEqual(await run([podOf('a', 'exit 0'), podOf('b', 'exit 7')]), [
      { name: 'a', phase: 'Succeeded', exitCode: 0, problem: undefined },
      { name: 'b', phase: 'Failed', exitCode: 7, problem: undefined },
    ]);
  });

  it('ends when there is nothing to run', async () => {
    assert.deepEqual(await run([]), []);
  });

  it('stops pods within their grace periods', async () => {
    const stop = new AbortController();
    const onStatus: RunPodsOptions['onStatus'] = ({ status }) => {
      if (status.phase === 'Running') stop.abort();
    };
    const [result] = await run([podOf('a', 'exec sleep 60')], { stop: stop.signal, onStatus });
    assert.equal(result?.exitCode, 143);
    assert.equal(result?.problem, undefined);
  });

  it('gives up when a pod cannot be started, and says why', async () => {
    const env = [{ name: 'A', valueFrom: { secretKeyRef: { name: 'none', key: 'k' } } }];
    const results = await run([podOf('a', 'true', { env }), podOf('b', 'exec sleep 60')]);
    assert.equal(
      results[0]?.problem,
      'container "c": CreateContainerConfigError: secret "none" not found',
    );
    assert.equal(results[1]?.problem, undefined);
  });

  it('says what a pod asks for in vain', async () => {
    const [result] = await run([podOf('a', 'true', {}, { runtimeClassName: 'gvisor' })]);
    assert.match(
      result?.problem ?? '',
      /^Pod was rejected: spec\.runtimeClassName: "gvisor" is not known/,
    );
  });

  it('gives up on a volume that cannot be made', async () => {
    const volumes = [{ name: 'v', configMap: { name: 'none' } }];
    const [result] = await run([podOf('a', 'true', {}, { volumes })]);
    assert.equal(
      result?.problem,
      'MountVolume.SetUp failed for volume "v" : configmap "none" not found',
    );
  });
});

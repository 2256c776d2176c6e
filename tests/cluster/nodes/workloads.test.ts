import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { skipWithoutCluster } from '../test-cluster.ts';
import { container, containerProcesses, forever, isPodReady, NodeBench } from './node-bench.ts';

const labels = (app: string) => ({ metadata: { labels: { app } } });

describe('workloads', { skip: skipWithoutCluster, timeout: 240_000 }, () => {
  let bench: NodeBench;

  before(async () => {
    bench = await NodeBench.start();
    const { code, stderr } = await bench.kubectl.run('apply', '--filename', 'deploy');
    assert.equal(code, 0, stderr);
  });
  after(() => bench[Symbol.asyncDispose]());

  const template = (app: string, args: readonly string[], spec: object = {}) => ({
    ...labels(app),
    spec: {
      runtimeClassName: 'wasm',
      terminationGracePeriodSeconds: 1,
      nodeSelector: { 'kubernetes.io/hostname': bench.node.name },
      containers: [container('app', args)],
      ...spec,
    },
  });
  const workload = (kind: string, name: string, spec: object) => ({
    apiVersion: 'apps/v1',
    kind,
    metadata: { name, namespace: bench.namespace },
    spec: { selector: { matchLabels: { app: name } }, ...spec },
  });
  const job = (name: string, args: readonly string[], spec: object = {}) => ({
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name, namespace: bench.namespace },
    spec: { template: template(name, args, { restartPolicy: 'Never' }), ...spec },
  });
  const kubectl = async (...args: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await bench.kubectl.run(...args);
    assert.equal(code, 0, `${stderr}\n${bench.node.log}`);
    return stdout;
  };

  it('Jobs come to their end, each completion once', async () => {
    await bench.apply(job('sums', ['sleep(lit:100)'], { completions: 5, parallelism: 3 }));
    await kubectl('wait', '--for=condition=complete', 'job/sums', '--timeout=40s');
    assert.equal(await kubectl('get', 'job/sums', '-o', 'jsonpath={.status.succeeded}'), '5');
  });

  it('Jobs whose pods fail are tried again as often as they say', async () => {
    await bench.apply(job('wrong', ['exit(lit:3)'], { backoffLimit: 0 }));
    await kubectl('wait', '--for=condition=failed', 'job/wrong', '--timeout=40s');
  });

  it('CronJobs are run by hand as by the clock', async () => {
    const jobTemplate = { spec: job('nightly', ['sleep(lit:10)']).spec };
    await bench.apply({
      apiVersion: 'batch/v1',
      kind: 'CronJob',
      metadata: { name: 'nightly', namespace: bench.namespace },
      spec: { schedule: '0 0 1 1 *', jobTemplate },
    });
    await kubectl('create', 'job', 'tonight', '--from=cronjob/nightly');
    await kubectl('wait', '--for=condition=complete', 'job/tonight', '--timeout=40s');
  });

  it('Deployments roll out and scale', async () => {
    const spec = (greeting: string) => ({
      replicas: 3,
      template: template('web', [`write(lit:${greeting})to(stm:stdout)`, forever]),
    });
    await bench.apply(workload('Deployment', 'web', spec('one')));
    await kubectl('rollout', 'status', 'deployment/web', '--timeout=40s');
    await bench.apply(workload('Deployment', 'web', spec('two')));
    await kubectl('rollout', 'status', 'deployment/web', '--timeout=40s');
    await bench.eventually(async () => {
      const pods = (await bench.pods()).filter(({ metadata }) => metadata.labels.app === 'web');
      return pods.length === 3;
    });
    assert.match(await kubectl('logs', 'deployment/web'), /^two$/m);
    await kubectl('scale', 'deployment/web', '--replicas=0');
    await bench.eventually(() => containerProcesses().size === 0);
  });

  it('DaemonSets and StatefulSets run their pods', async () => {
    // Its controller does not read RuntimeClasses: it has to be told what they would add.
    const tolerations = [{ key: 'kubernetes.io/arch', operator: 'Exists' }];
    await bench.apply(
      workload('DaemonSet', 'agent', { template: template('agent', [forever], { tolerations }) }),
      workload('StatefulSet', 'store', {
        serviceName: 'store',
        replicas: 2,
        template: template('store', [forever]),
      }),
    );
    await kubectl('rollout', 'status', 'daemonset/agent', '--timeout=40s');
    const scheduled = 'jsonpath={.status.desiredNumberScheduled}/{.status.numberReady}';
    assert.equal(await kubectl('get', 'daemonset/agent', '-o', scheduled), '1/1');
    await kubectl('rollout', 'status', 'statefulset/store', '--timeout=40s');
    await bench.until('store-1', isPodReady);
    await kubectl('delete', 'daemonset/agent', 'statefulset/store');
  });

  it('restart as restartPolicy says', async () => {
    await bench.create('always', ['exit(lit:0)']);
    await bench.create('on-failure', ['exit(lit:2)'], { restartPolicy: 'OnFailure' });
    await bench.create('never', ['exit(lit:2)'], { restartPolicy: 'Never' });
    for (const name of ['always', 'on-failure']) {
      const pod = await bench.until(name, ({ status }) => {
        const [app] = status.containerStatuses;
        return (app?.restartCount ?? 0) > 0 && app?.state.waiting?.reason === 'CrashLoopBackOff';
      });
      assert.equal(pod.status.phase, 'Running');
    }
    const { status } = await bench.until('never', (pod) => pod.status.phase === 'Failed');
    assert.equal(status.containerStatuses[0]?.restartCount, 0);
    assert.equal(status.containerStatuses[0]?.state.terminated?.exitCode, 2);
  });

  it('with a RuntimeClass that the node does not have are refused', async () => {
    await bench.apply({
      apiVersion: 'node.k8s.io/v1',
      kind: 'RuntimeClass',
      metadata: { name: `gvisor-${bench.node.name}` },
      handler: 'runsc',
    });
    const runtimeClassName = `gvisor-${bench.node.name}`;
    await bench.eventually(async () => {
      await bench.create('foreign', [forever], { runtimeClassName }).catch(() => undefined);
      return !(await bench.isGone('foreign'));
    });
    await bench.eventually(async () =>
      (await bench.events('foreign')).some((line) => /runsc/.test(line)),
    );
    assert.notEqual((await bench.until('foreign', () => true)).status.phase, 'Running');
  });

  it('that are made for Linux are refused by what they ask for, and an Event says what', async () => {
    const proxy = {
      name: 'kube-proxy',
      image: 'registry.k8s.io/kube-proxy:v1.37.2',
      command: ['/usr/local/bin/kube-proxy'],
      securityContext: { privileged: true },
    };
    await bench.create('kube-proxy', [], {
      hostNetwork: true,
      tolerations: [{ operator: 'Exists' }],
      containers: [proxy],
    });
    const { status } = await bench.until('kube-proxy', (pod) => pod.status.phase === 'Failed');
    assert.match(status.message ?? '', /privileged/);
    assert.deepEqual(status.containerStatuses, []);
    await bench.eventually(async () =>
      (await bench.events('kube-proxy')).some((line) => /^Warning .*privileged/.test(line)),
    );
  });
});

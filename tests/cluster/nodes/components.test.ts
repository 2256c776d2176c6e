import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { request } from 'undici';
import { skipWithoutCluster } from '../test-cluster.ts';
import { componentImage, ServiceBench, webContainer, webService } from './component-pods.ts';
import { isPodReady, type NodeBench } from './node-bench.ts';

/** Components that serve, and a path that each answers with 200. */
const servers = [
  { kind: 'a component of WASI 0.3', component: 'http-service', probed: '/hello' },
  { kind: 'a component made of several', component: 'http-composed', probed: '/status/200' },
] as const;

describe('components in pods', { skip: skipWithoutCluster, timeout: 180_000 }, () => {
  let services: ServiceBench;
  let bench: NodeBench;

  before(async () => {
    services = await ServiceBench.start(
      ...servers.map(({ component }) => webService(component, component)),
      webService('echo', 'echo'),
    );
    ({ bench } = services);
    for (const { component, probed } of servers) {
      const readinessProbe = { httpGet: { path: probed, port: 'http' }, periodSeconds: 1 };
      await bench.apply(
        pod(component, { containers: [webContainer(component, { readinessProbe })] }),
      );
      await bench.until(component, isPodReady);
    }
  });
  after(() => services[Symbol.asyncDispose]());

  const pod = (name: string, spec: object, annotations: object = {}): object => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels: { app: name }, annotations },
    spec: {
      nodeName: bench.node.name,
      automountServiceAccountToken: false,
      terminationGracePeriodSeconds: 1,
      tolerations: [{ key: 'kubernetes.io/arch', operator: 'Exists' }],
      ...spec,
    },
  });

  for (const { kind, component, probed } of servers) {
    it(`have ${kind} serve behind a Service, called by its name`, async () => {
      await bench.eventually(() => services.endpoints.of(component).length === 1);
      const answer = await services.ask(`client-of-${component}`, `${component}:80`, probed);
      assert.match(answer, /HTTP\/1\.1 200 OK/);
    });
  }

  it('of WASI 0.3 serve TCP as commands behind a Service, called by its name', async () => {
    const container = {
      name: 'app',
      image: componentImage('async-echo'),
      imagePullPolicy: 'IfNotPresent',
      args: ['7000'],
      ports: [{ name: 'http', containerPort: 7000 }],
      readinessProbe: { tcpSocket: { port: 'http' }, periodSeconds: 1 },
    };
    await bench.apply(pod('echo', { containers: [container] }));
    await bench.until('echo', isPodReady);
    await bench.eventually(() => services.endpoints.of('echo').length === 1);
    const answer = await services.ask('client-of-echo', 'echo:80', '/from-a-pod');
    assert.match(answer, /GET \/from-a-pod HTTP\/1\.1/);
    const client = { ...container, image: componentImage('async-network'), ports: [] };
    const args = ['connect-to', 'echo', '80'];
    const containers = [{ ...client, args, readinessProbe: undefined }];
    await bench.apply(pod('async-client', { restartPolicy: 'Never', containers }));
    await bench.until('async-client', ({ status }) => /Succeeded|Failed/.test(status.phase ?? ''));
    assert.equal(await bench.logOf('async-client'), 'connected\n');
  });

  it('of WASI 0.3 call others by the names of their Services, where they may', async () => {
    const called = `http-service.${bench.namespace}.svc.cluster.local`;
    const readinessProbe = { httpGet: { path: '/hello', port: 'http' }, periodSeconds: 1 };
    const containers = [webContainer('http-service', { readinessProbe })];
    const egress = { 'krustlet.dev/egress': `${called}:80` };
    await bench.apply(pod('caller', { containers }, egress), pod('hermit', { containers }));
    const ask = async (name: string): Promise<number> => {
      const { status } = await bench.until(name, isPodReady);
      const answer = await request(`http://${status.podIP}:8080/fetch/${called}`);
      await answer.body.dump();
      return answer.statusCode;
    };
    // Whatever the one that is called says to its path, the caller passes on as a body.
    assert.deepEqual([await ask('caller'), await ask('hermit')], [200, 502]);
  });

  it('of WASI 0.3 run as commands: arguments, volumes, logs, exec and exit codes', async () => {
    const app = (name: string, args: readonly string[]) => ({
      name,
      image: componentImage('async-command'),
      args,
      volumeMounts: [{ name: 'data', mountPath: '/data' }],
    });
    const volumes = [{ name: 'data', emptyDir: {} }];
    const initContainers = [app('writer', ['write', 'note', 'from the first container'])];
    await bench.apply(
      pod('runs', {
        volumes,
        initContainers,
        containers: [app('app', ['sleep', '1', '10000000'])],
      }),
      pod('reads', {
        volumes,
        restartPolicy: 'Never',
        initContainers,
        containers: [app('app', ['read', 'note'])],
      }),
      pod('fails', { volumes, restartPolicy: 'Never', containers: [app('app', ['exit', '7'])] }),
    );
    await bench.until('reads', ({ status }) => status.phase === 'Succeeded');
    assert.equal(await bench.logOf('reads'), 'from the first container\n');
    const { status } = await bench.until('fails', (pod) => pod.status.phase === 'Failed');
    assert.equal(status.containerStatuses[0]?.state.terminated?.exitCode, 7);
    await bench.until('runs', isPodReady);
    const read = ['async-command', 'read', 'note'];
    const { stdout, stderr } = await bench.kubectl.run('exec', 'runs', '--', ...read);
    assert.equal(stdout, 'from the first container', stderr);
  });

  it('made of several run as commands', async () => {
    const run = (name: string, args: readonly string[]) =>
      pod(name, {
        restartPolicy: 'Never',
        containers: [{ name: 'app', image: componentImage('composed-command'), args }],
      });
    await bench.apply(run('composed', ['values']));
    await bench.until('composed', ({ status }) => status.phase === 'Succeeded');
  });
});

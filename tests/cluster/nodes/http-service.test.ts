import assert from 'node:assert/strict';
import { once } from 'node:events';
import http2 from 'node:http2';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { request } from 'undici';
import type { Pod } from '../../../src/kubelet/pods/schema/pod.ts';
import type { NameServer } from '../../../src/wasi/component/sockets/testing/name-server.ts';
import { skipWithoutCluster } from '../test-cluster.ts';
import { ServiceBench, webContainer, webService } from './component-pods.ts';
import { HttpLoad } from './http-load.ts';
import { isPodReady, type NodeBench } from './node-bench.ts';
import type { ServiceEndpoints } from './service-endpoints.ts';

/** tests/fixtures/components/rust/http-routes: its path says what it does. */
const server = webContainer('http-routes');
const readinessProbe = { httpGet: { path: '/status/200', port: 'http' }, periodSeconds: 1 };

describe('an HTTP component behind a Service', {
  skip: skipWithoutCluster,
  timeout: 240_000,
}, () => {
  let resources: ServiceBench;
  let bench: NodeBench;
  let endpoints: ServiceEndpoints;
  let dns: NameServer;

  before(async () => {
    resources = await ServiceBench.start(
      webService('web', 'web'),
      webService('web-headless', 'web', 'None'),
    );
    ({ bench, endpoints, dns } = resources);
    await bench.apply(deployment('first'));
    await rollout();
  });
  after(() => resources[Symbol.asyncDispose]());

  /** A Deployment whose pods leave the Service before they stop, as its proxies need some time. */
  const deployment = (revision: string): object => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace: bench.namespace },
    spec: {
      replicas: 3,
      selector: { matchLabels: { app: 'web' } },
      strategy: { rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
      template: {
        metadata: { labels: { app: 'web' } },
        spec: {
          runtimeClassName: 'wasm',
          terminationGracePeriodSeconds: 10,
          nodeSelector: { 'kubernetes.io/hostname': bench.node.name },
          containers: [
            {
              ...server,
              readinessProbe,
              env: [{ name: 'REVISION', value: revision }],
              lifecycle: { preStop: { sleep: { seconds: 2 } } },
            },
          ],
        },
      },
    },
  });
  const kubectl = async (...args: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await bench.kubectl.run(...args);
    assert.equal(code, 0, `${stderr}\n${bench.node.log}`);
    return stdout;
  };
  const rollout = () => kubectl('rollout', 'status', 'deployment/web', '--timeout=60s');
  const podsOfService = async (): Promise<readonly Pod[]> =>
    (await bench.pods()).filter(({ metadata }) => metadata.labels.app === 'web');
  const get = async (url: string): Promise<string> => {
    const { statusCode, body } = await request(url);
    assert.equal(statusCode, 200, url);
    return await body.text();
  };
  /** A server alone, without a Service and without a hook that waits. */
  const serve = async (name: string, fields: object): Promise<Pod> => {
    await bench.create(name, [], { containers: [{ ...server, ...fields }] });
    return await bench.until(name, isPodReady);
  };

  it('has its ready pods as endpoints, and only these', async () => {
    const pods = await podsOfService();
    await bench.eventually(() => endpoints.of('web').length === 3);
    assert.deepEqual(
      endpoints.of('web').toSorted(),
      pods.map(({ status }) => `${status.podIP}:8080`).toSorted(),
    );
    for (const endpoint of endpoints.of('web')) {
      assert.equal(await get(`http://${endpoint}/big/3`), 'xxx');
    }
    const containers = [{ ...server, readinessProbe: { httpGet: { path: '/none', port: 8080 } } }];
    await bench.apply({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'never-ready', namespace: bench.namespace, labels: { app: 'web' } },
      spec: {
        runtimeClassName: 'wasm',
        nodeSelector: { 'kubernetes.io/hostname': bench.node.name },
        terminationGracePeriodSeconds: 1,
        containers,
      },
    });
    await bench.eventually(async () =>
      (await bench.events('never-ready')).some((line) => /Unhealthy: Readiness.*404/.test(line)),
    );
    assert.equal(endpoints.of('web').length, 3);
    await bench.delete('never-ready');
  });

  for (const [kind, address] of [
    ['a headless Service', 'web-headless:8080'],
    ['a Service with an address', 'web:80'],
  ] as const) {
    it(`is called by the name of ${kind} from another pod`, async () => {
      const log = await resources.ask(`client-${address.replace(':', '-')}`, address, '/big/5');
      assert.match(log, /HTTP\/1\.1 200 OK/);
      assert.match(log, /xxxxx/);
      const [service] = address.split(':');
      assert.ok(dns.asked.includes(`${service}.${bench.namespace}.svc.cluster.local`));
    });
  }

  it('loses no request while it is updated', async () => {
    const before = endpoints.of('web');
    const caller = await startCaller();
    const path = '/sleep/20';
    const workers = 4;
    await using direct = new HttpLoad({ endpoints: () => endpoints.of('web'), path, workers });
    await using byName = new HttpLoad({
      endpoints: () => [caller],
      path: `/proxy/web.${bench.namespace}.svc.cluster.local${path}`,
      workers,
    });
    await bench.eventually(() => direct.answers.size === 3);
    await bench.apply(deployment('second'));
    await rollout();
    await bench.eventually(() => endpoints.of('web').every((each) => !before.includes(each)));
    const after = endpoints.of('web');
    await bench.eventually(() => after.every((each) => (direct.answers.get(each) ?? 0) > 10));
    // Until the last of the old ones has gone.
    await bench.eventually(async () => (await podsOfService()).length === 3);
    assert.deepEqual([...direct.failures, ...byName.failures].slice(0, 5), []);
    assert.ok((byName.answers.get(caller) ?? 0) > 100);
  });

  /** A component that asks others, and gives their answers; `address:port` of its own. */
  async function startCaller(): Promise<string> {
    await bench.apply({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        name: 'caller',
        namespace: bench.namespace,
        annotations: { 'krustlet.dev/egress': `web.${bench.namespace}.svc.cluster.local:80` },
      },
      spec: {
        runtimeClassName: 'wasm',
        nodeSelector: { 'kubernetes.io/hostname': bench.node.name },
        containers: [{ ...server, readinessProbe }],
      },
    });
    const { status } = await bench.until('caller', isPodReady);
    return `${status.podIP}:8080`;
  }

  it('finishes the requests that are on their way when a pod is deleted', async () => {
    const { status } = await serve('leaving', { readinessProbe });
    const url = `http://${status.podIP}:8080`;
    const inFlight = get(`${url}/sleep/2000`);
    await sleep(200);
    await bench.delete('leaving', 10);
    await bench.eventually(async () => {
      const refused = await get(`${url}/big/1`).then(
        () => false,
        (error) => /ECONNREFUSED/.test(String(error?.code)),
      );
      return refused;
    });
    assert.equal(await inFlight, 'awake');
    await bench.eventually(() => bench.isGone('leaving'));
  });

  it('is probed by TCP, and restarted where the port is closed', async () => {
    const livenessProbe = { tcpSocket: { port: 9 }, periodSeconds: 1, failureThreshold: 1 };
    await serve('open', { readinessProbe: { tcpSocket: { port: 'http' }, periodSeconds: 1 } });
    await bench.create('closed', [], {
      containers: [{ ...server, livenessProbe }],
    });
    const { status } = await bench.until(
      'closed',
      (pod) => (pod.status.containerStatuses[0]?.restartCount ?? 0) > 0,
    );
    // It drains, and ends by itself.
    assert.equal(status.containerStatuses[0]?.lastState.terminated?.exitCode, 0);
  });

  it('is probed by gRPC', async () => {
    await bench.create('rpc', [], {
      containers: [{ ...server, readinessProbe: { grpc: { port: 9090 }, periodSeconds: 1 } }],
    });
    const { status } = await bench.until('rpc', (pod) => pod.status.podIP !== undefined);
    await bench.eventually(async () =>
      (await bench.events('rpc')).some((line) => /Unhealthy: Readiness/.test(line)),
    );
    // The pod's address is this machine's own: a health service that no guest can be yet.
    using health = await openHealthService(status.podIP ?? '');
    await bench.until('rpc', isPodReady);
    assert.equal(health.isServing, true);
    health.isServing = false;
    await bench.until('rpc', (pod) => !isPodReady(pod));
  });

  it('is reached by kubectl port-forward to its Service', async () => {
    const child = bench.kubectl.start('port-forward', 'service/web', ':80', '--address=127.0.0.1');
    let said = '';
    child.stdout.setEncoding('utf8').on('data', (text) => (said += text));
    await bench.eventually(
      () => said.includes('->'),
      () => said,
    );
    const [, port] = /127\.0\.0\.1:(\d+) -> 8080/.exec(said) ?? [];
    assert.equal(await get(`http://127.0.0.1:${port}/big/4`), 'xxxx');
    child.kill();
    await once(child, 'close');
  });
});

interface HealthService extends Disposable {
  isServing: boolean;
}

/** gRPC's health service over HTTP/2 without TLS, on port 9090. */
async function openHealthService(host: string): Promise<HealthService> {
  const service = { isServing: true };
  const sessions = new Set<http2.ServerHttp2Session>();
  const server = http2.createServer();
  server.on('session', (session) => sessions.add(session));
  server.on('stream', (stream: http2.ServerHttp2Stream) => {
    stream.respond(
      { ':status': 200, 'content-type': 'application/grpc' },
      { waitForTrailers: true },
    );
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
    // A frame with `message HealthCheckResponse { ServingStatus status = 1; }`.
    stream.end(Buffer.from([0, 0, 0, 0, 2, 0x08, service.isServing ? 1 : 2]));
  });
  server.listen(9090, host);
  await once(server, 'listening');
  return Object.assign(service, {
    [Symbol.dispose]: () => {
      for (const session of sessions) session.destroy();
      server.close();
    },
  });
}

import assert from 'node:assert/strict';
import { once } from 'node:events';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import tls from 'node:tls';
import {
  type NameServer,
  openNameServer,
  responseTo,
} from '../../../src/wasi/component/sockets/testing/name-server.ts';
import { Kubectl } from '../server/kubectl.ts';
import { skipWithoutCluster, testCluster } from '../test-cluster.ts';
import { isPodReady, NodeBench } from './node-bench.ts';

const fixture = (name: string) =>
  `file:${path.resolve(import.meta.dirname, '../../fixtures/components', `${name}.wasm`)}`;
const dnsAddress = '10.96.0.53';
const webAddress = '10.96.7.7';
const request = 'GET / HTTP/1.0\r\n\r\n';

describe('the network of pods', { skip: skipWithoutCluster, timeout: 240_000 }, () => {
  let bench: NodeBench;
  let dns: NameServer;
  let clients = 0;

  before(async () => {
    dns = await openNameServer('10.77.0.1', (query, name) =>
      responseTo(query, name === `web.${bench.namespace}.svc.cluster.local` ? [webAddress] : []),
    );
    // Another file of the run may have granted them.
    const roles = ['deploy/services.yaml', 'deploy/network-policies.yaml'].join(',');
    const revoke = ['delete', '--ignore-not-found', '--filename', roles];
    const { code, stderr } = await new Kubectl({ namespace: 'default' }).run(...revoke);
    assert.equal(code, 0, stderr);
    bench = await NodeBench.start({ flags: [`--cluster-dns=${dnsAddress}`] });
  });
  after(async () => {
    await bench[Symbol.asyncDispose]();
    await dns[Symbol.asyncDispose]();
  });

  const pod = (
    name: string,
    labels: object,
    image: string,
    args: readonly string[],
    over = {},
  ) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: bench.namespace, labels },
    spec: {
      nodeName: bench.node.name,
      restartPolicy: 'Never',
      automountServiceAccountToken: false,
      terminationGracePeriodSeconds: 1,
      tolerations: [{ key: 'kubernetes.io/arch', operator: 'Exists' }],
      containers: [{ name: 'app', image: fixture(image), args, ...over }],
    },
  });
  const service = (name: string, spec: object) => ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: bench.namespace },
    spec: { selector: { app: name }, ...spec },
  });
  const policy = (name: string, spec: object) => ({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name, namespace: bench.namespace },
    spec,
  });

  /** What a pod of its own writes that does something with sockets. */
  async function client(
    args: readonly string[],
    labels: object = { app: 'client' },
    spec: object = {},
    { annotations }: { readonly annotations?: object } = {},
  ) {
    const name = `client-${clients++}`;
    // Only one of them sends requests.
    const image = args[0] === 'smuggle' ? 'async-network' : 'sockets';
    const { metadata, spec: plain, ...rest } = pod(name, labels, image, args);
    await bench.apply({
      ...rest,
      metadata: { ...metadata, annotations },
      spec: { ...plain, ...spec },
    });
    await bench.until(name, ({ status }) => /Succeeded|Failed/.test(status.phase ?? ''));
    return (await bench.logOf(name)).trim();
  }
  /** Of the last such pod. */
  const addressOfLast = async () =>
    (await bench.until(`client-${clients - 1}`, () => true)).status.podIP;
  const fetchWeb = async (labels?: object) =>
    await client(['tcp-client', `${webAddress}:80`, request], labels);

  it('is left alone where the node may not see it, until it may', async () => {
    await bench.eventually(() => /Services are left to the machine/.test(bench.node.log));
    await bench.eventually(() => /NetworkPolicies are not enforced/.test(bench.node.log));
    const { code, stderr } = await bench.kubectl.run('apply', '--filename', 'deploy');
    assert.equal(code, 0, stderr);
    const isActive = async () => {
      const metrics = `/api/v1/nodes/${bench.node.name}/proxy/metrics`;
      const { stdout } = await bench.kubectl.run('get', '--raw', metrics);
      return /network_active{feature="services"} 1[\s\S]*"network-policies"} 1/.test(stdout);
    };
    await bench.eventually(isActive, undefined, 60);
    assert.match(bench.node.log, /The node may watch EndpointSlices/);
    assert.match(bench.node.log, /The node may watch NetworkPolicies/);
  });

  it('leads from a name to a Service and from there to its endpoint', async () => {
    const { namespace } = bench;
    const endpoint = {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: {
        name: 'dns-1',
        namespace,
        labels: { 'kubernetes.io/service-name': 'dns' },
      },
      addressType: 'IPv4',
      endpoints: [{ addresses: ['10.77.0.1'] }],
      ports: [{ name: 'dns', port: dns.port, protocol: 'UDP' }],
    };
    const ports = [{ name: 'dns', port: 53, protocol: 'UDP' }];
    const readinessProbe = { httpGet: { path: '/', port: 8080 }, periodSeconds: 1 };
    await bench.apply(
      endpoint,
      service('dns', { clusterIP: dnsAddress, selector: null, ports }),
      service('web', { clusterIP: webAddress, ports: [{ port: 80, targetPort: 'http' }] }),
      pod('web', { app: 'web' }, 'http-hello', [], {
        ports: [{ name: 'http', containerPort: 8080 }],
        readinessProbe,
      }),
    );
    await bench.until('web', isPodReady);
    await bench.eventually(async () => /HTTP\/1.1 200/.test(await fetchWeb()));
    assert.match(await client(['tcp-client', 'web:80', request]), /10\.96\.7\.7:80 HTTP\/1.1 200/);
  });

  it('finds names as the pod says', async () => {
    const { namespace } = bench;
    const dnsConfig = {
      nameservers: [dnsAddress],
      searches: [`${namespace}.svc.cluster.local`],
      options: [{ name: 'ndots', value: '2' }],
    };
    const none = { dnsPolicy: 'None', dnsConfig };
    assert.equal(await client(['lookup', 'web'], {}, none), webAddress);
    // Two dots are enough to be asked for as it is, and nobody has that.
    const asked = dns.asked.length;
    const isFound = await client(['lookup', 'web.a.b'], {}, none);
    assert.doesNotMatch(isFound, /10\./);
    assert.equal(dns.asked[asked], 'web.a.b');
    const hostAliases = [{ ip: '192.0.2.7', hostnames: ['alias.example', 'other'] }];
    for (const name of ['alias.example', 'OTHER']) {
      assert.equal(await client(['lookup', name], {}, { ...none, hostAliases }), '192.0.2.7');
    }
    const named = { hostname: 'first', subdomain: 'all' };
    const own = `first.all.${namespace}.svc.cluster.local`;
    for (const name of ['first', own]) {
      const found = await client(['lookup', name], {}, named);
      assert.equal(found, await addressOfLast(), name);
    }
    // As the node does, which has no such name.
    assert.doesNotMatch(await client(['lookup', 'web'], {}, { dnsPolicy: 'Default' }), /10\.96/);
  });

  it("keeps pods from the kubelet's port and from the API server by its address", async () => {
    const [, kubelet] = /Serving the kubelet's API at \S+:(\d+)/.exec(bench.node.log) ?? [];
    const { hostname, port: apiPort } = new URL(testCluster().admin.server);
    const doors = [`10.77.0.1:${kubelet}`, `127.0.0.1:${kubelet}`, `${hostname}:${apiPort}`];
    for (const door of doors) {
      assert.equal(await client(['connect', door]), 'PermissionDenied', door);
    }
    const aliases = { hostAliases: [{ ip: '10.77.0.1', hostnames: ['node'] }] };
    assert.equal(await client(['connect', `node:${kubelet}`], {}, aliases), 'PermissionDenied');
    // HTTP, where the pod may send it anywhere.
    const annotations = { 'krustlet.dev/egress': '0.0.0.0/0 *' };
    for (const door of doors) {
      const said = await client(['smuggle', 'nothing', door], {}, {}, { annotations });
      assert.match(said, /HttpRequestDenied|DestinationIpProhibited/, door);
    }
  });

  it("has the kubelet answer at the node's address, and at no pod's", async () => {
    const [, port] = /Serving the kubelet's API at \S+:(\d+)/.exec(bench.node.log) ?? [];
    const { podIP = '' } = (await bench.until('web', isPodReady)).status;
    const shake = async (host: string) => {
      const socket = tls.connect({ host, port: Number(port), rejectUnauthorized: false });
      await once(socket, 'secureConnect');
      socket.destroy();
    };
    await shake('10.77.0.1');
    await assert.rejects(shake(podIP), { code: 'ECONNRESET' });
    await assert.rejects(shake(podIP.replace(/\d+$/, '254')), { code: 'ECONNRESET' });
  });

  it('refuses connections to a Service without endpoints', async () => {
    await bench.apply(service('nobody', { clusterIP: '10.96.7.8', ports: [{ port: 80 }] }));
    await bench.eventually(
      async () => (await client(['connect', '10.96.7.8:80'])) === 'ConnectionRefused',
    );
  });

  it('leads datagrams to a Service, and names it as the one that answers', async () => {
    await bench.apply(
      pod('echo', { app: 'echo' }, 'sockets', ['udp-server', '0.0.0.0:7777', '100']),
      service('echo', {
        clusterIP: '10.96.7.9',
        ports: [{ port: 7, targetPort: 7777, protocol: 'UDP' }],
      }),
    );
    await bench.until('echo', isPodReady);
    const ask = ['udp-client', '0.0.0.0:0', '10.96.7.9:7', 'hello'];
    await bench.eventually(async () => (await client(ask)) === '10.96.7.9:7 hello');
  });

  it('lets in whom a NetworkPolicy lets in, while pods run and probes go on', async () => {
    await bench.apply(policy('deny', { podSelector: {} }));
    await bench.eventually(async () => !/200/.test(await fetchWeb()));
    await bench.apply(
      policy('allow', {
        podSelector: { matchLabels: { app: 'web' } },
        ingress: [
          {
            from: [{ podSelector: { matchLabels: { role: 'friend' } } }],
            ports: [{ port: 'http' }],
          },
        ],
      }),
    );
    await bench.eventually(async () => /HTTP\/1.1 200/.test(await fetchWeb({ role: 'friend' })));
    assert.doesNotMatch(await fetchWeb(), /200/);
    assert.ok(isPodReady(await bench.until('web', () => true)));
  });

  it('lets out where a NetworkPolicy lets', async () => {
    const labels = { role: 'friend', egress: 'some' };
    const podSelector = { matchLabels: { egress: 'some' } };
    const to = [{ ipBlock: { cidr: '10.96.0.0/16' } }];
    await bench.apply(policy('egress', { podSelector, policyTypes: ['Egress'], egress: [{ to }] }));
    await bench.eventually(async () => (await fetchWeb(labels)) === 'PermissionDenied');
    const web = [{ podSelector: { matchLabels: { app: 'web' } } }];
    await bench.apply(
      policy('egress', {
        podSelector,
        policyTypes: ['Egress'],
        egress: [{ to: web, ports: [{ port: 8080 }] }],
      }),
    );
    await bench.eventually(async () => /HTTP\/1.1 200/.test(await fetchWeb(labels)));
  });
});

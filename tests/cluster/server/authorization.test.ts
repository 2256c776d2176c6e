import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { KubernetesObject } from '../../../src/kubernetes/api/object.ts';
import { parserOf, type Resource } from '../../../src/kubernetes/api/resource.ts';
import { skipWithoutCluster } from '../test-cluster.ts';
import { askNode, servesWithClusterCertificate } from './ask-node.ts';
import { waiting } from './server-guests.ts';
import { ServerWorkbench } from './server-workbench.ts';

const rbac = 'rbac.authorization.k8s.io/v1';

/** ServiceAccounts, and what each may do with subresources of nodes. */
const accounts = {
  nobody: [],
  'get-proxy': [['get'], ['nodes/proxy']],
  'create-proxy': [['create'], ['nodes/proxy']],
  scraper: [['get'], ['nodes/metrics', 'nodes/stats']],
  'log-reader': [['get'], ['nodes/log']],
  'pods-reader': [['get'], ['nodes/pods']],
  prober: [['get'], ['nodes/healthz', 'nodes/configz']],
  administrator: [['*'], ['*']],
} as const;
type Account = keyof typeof accounts;

const webSocket = {
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-version': '13',
  'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
  'sec-websocket-protocol': 'v5.channel.k8s.io',
};
const spdy = {
  connection: 'Upgrade',
  upgrade: 'SPDY/3.1',
  'x-stream-protocol-version': 'v4.channel.k8s.io',
};

interface Endpoint {
  readonly what: string;
  readonly path: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** The status for who may. */
  readonly status: number;
  readonly allowed: readonly Account[];
}

const endpoints: readonly Endpoint[] = [
  { what: '/pods', path: '/pods', status: 200, allowed: ['get-proxy', 'pods-reader'] },
  {
    what: '/runningpods/',
    path: '/runningpods/',
    status: 200,
    allowed: ['get-proxy', 'pods-reader'],
  },
  { what: '/healthz', path: '/healthz', status: 200, allowed: ['get-proxy', 'prober'] },
  {
    what: '/healthz/syncloop',
    path: '/healthz/syncloop',
    status: 200,
    allowed: ['get-proxy', 'prober'],
  },
  { what: '/configz', path: '/configz', status: 200, allowed: ['get-proxy', 'prober'] },
  { what: '/metrics', path: '/metrics', status: 200, allowed: ['scraper'] },
  { what: '/metrics/resource', path: '/metrics/resource', status: 200, allowed: ['scraper'] },
  { what: '/metrics/cadvisor', path: '/metrics/cadvisor', status: 200, allowed: ['scraper'] },
  { what: '/metrics/probes', path: '/metrics/probes', status: 200, allowed: ['scraper'] },
  { what: '/stats/summary', path: '/stats/summary', status: 200, allowed: ['scraper'] },
  { what: '/logs/', path: '/logs/', status: 200, allowed: ['log-reader'] },
  {
    what: 'a container log',
    path: '/containerLogs/NS/target/app',
    status: 200,
    allowed: ['get-proxy'],
  },
  {
    what: 'exec by WebSocket',
    path: '/exec/NS/target/app?command=env&output=1',
    headers: webSocket,
    status: 101,
    allowed: ['create-proxy'],
  },
  {
    what: 'exec by SPDY as GET',
    path: '/exec/NS/target/app?command=env&output=1',
    headers: spdy,
    status: 101,
    allowed: ['create-proxy'],
  },
  {
    what: 'exec by SPDY',
    path: '/exec/NS/target/app?command=env&output=1',
    method: 'POST',
    headers: spdy,
    status: 101,
    allowed: ['create-proxy'],
  },
  {
    what: 'attach by WebSocket',
    path: '/attach/NS/target/app?output=1',
    headers: webSocket,
    status: 101,
    allowed: ['create-proxy'],
  },
  {
    what: 'port-forward by WebSocket',
    path: '/portForward/NS/target',
    headers: { ...webSocket, 'sec-websocket-protocol': 'SPDY/3.1+portforward.k8s.io' },
    status: 101,
    allowed: ['create-proxy'],
  },
  {
    what: 'run',
    path: '/run/NS/target/app?cmd=env',
    method: 'POST',
    status: 200,
    allowed: ['create-proxy'],
  },
  {
    what: 'run as GET',
    path: '/run/NS/target/app?cmd=env',
    status: 405,
    allowed: ['create-proxy'],
  },
  { what: 'no endpoint', path: '/nowhere', status: 404, allowed: ['get-proxy'] },
];

describe("the kubelet's API", { skip: skipWithoutCluster, timeout: 60_000 }, () => {
  let bench: ServerWorkbench;
  const tokens = new Map<string, string>();

  before(async () => {
    bench = await ServerWorkbench.start();
    await Promise.all(Object.keys(accounts).map((name) => createAccount(name as Account)));
    await bench.run('target', [{ guest: waiting }]);
    await servesWithClusterCertificate(bench.node);
  });
  after(() => bench[Symbol.asyncDispose]());

  for (const endpoint of endpoints) {
    const allowed: readonly string[] = [...endpoint.allowed, 'administrator'];
    it(`lets ${allowed.join(', ')} to ${endpoint.what}`, async () => {
      for (const who of Object.keys(accounts)) {
        const { status } = await askNode(bench.node, {
          ...endpoint,
          path: endpoint.path.replace('NS', bench.namespace),
          headers: { accept: '*/*', ...endpoint.headers },
          token: tokens.get(who) ?? '',
        });
        const expected = allowed.includes(who) ? endpoint.status : 403;
        assert.equal(status, expected, `${who} to ${endpoint.what}`);
      }
    });
  }

  it('asks a stranger who he is, with a Status', async () => {
    for (const { path } of endpoints) {
      const { status, body } = await askNode(bench.node, { path, headers: { accept: '*/*' } });
      assert.equal(status, 401);
      const { kind, reason } = JSON.parse(body);
      assert.deepEqual({ kind, reason }, { kind: 'Status', reason: 'Unauthorized' });
    }
    const wrong = await askNode(bench.node, { path: '/pods', token: 'wrong' });
    assert.equal(wrong.status, 401);
  });

  const malformed: readonly (readonly [path: string, status: number])[] = [
    ['/containerLogs/NS/target/app?tailLines=-1', 422],
    ['/containerLogs/NS/target/app?sinceTime=yesterday', 422],
    ['/containerLogs/NS/target/app?stream=both', 422],
    ['/containerLogs/NS/target/%ff', 400],
    ['/containerLogs/NS/missing/app', 404],
    ['/exec/NS/target/app?command=env&output=1', 400],
    ['/logs/../../etc/passwd', 404],
    ['/logs/%2e%2e/%2e%2e/etc/passwd', 404],
    ['/logs/..%2f..%2fetc%2fpasswd', 404],
  ];
  for (const [path, status] of malformed) {
    it(`answers ${path} with ${status} and a Status`, async () => {
      const answer = await askNode(bench.node, {
        path: path.replace('NS', bench.namespace),
        token: tokens.get('administrator') ?? '',
        headers: { accept: 'application/json' },
      });
      assert.equal(answer.status, status, answer.body);
      assert.equal(JSON.parse(answer.body).kind, 'Status');
      assert.doesNotMatch(answer.body, /\bat .*\.ts:/);
    });
  }

  it('gives one stream of a log where it is asked for one', async () => {
    const { body } = await askNode(bench.node, {
      path: `/containerLogs/${bench.namespace}/target/app?stream=Stderr`,
      token: tokens.get('administrator') ?? '',
    });
    assert.equal(body, '');
  });

  it('lets everybody on the machine ask for its health, and nobody for more', async () => {
    const local = `http://127.0.0.1:${bench.node.healthzPort}`;
    assert.equal(await (await fetch(`${local}/healthz`)).text(), 'ok');
    assert.equal((await fetch(`${local}/pods`)).status, 404);
  });

  async function createAccount(name: Account): Promise<void> {
    const { admin, namespace } = bench;
    await admin.create(resource('v1', 'ServiceAccount', true), { metadata: { name, namespace } });
    const [verbs, resources] = accounts[name];
    if (verbs !== undefined) {
      const role = `${namespace}-${name}`;
      await admin.create(resource(rbac, 'ClusterRole', false), {
        metadata: { name: role },
        rules: [{ apiGroups: [''], verbs, resources }],
      });
      await admin.create(resource(rbac, 'ClusterRoleBinding', false), {
        metadata: { name: role },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role },
        subjects: [{ kind: 'ServiceAccount', name, namespace }],
      });
    }
    const { stdout, stderr } = await bench.kubectl.run('create', 'token', name);
    assert.ok(stdout, stderr);
    tokens.set(name, stdout.trim());
  }
});

type AnyObject = KubernetesObject & { readonly [field: string]: unknown };

function resource(apiVersion: string, kind: string, namespaced: boolean): Resource<AnyObject> {
  const plural = `${kind.toLowerCase()}s`;
  return { apiVersion, kind, plural, namespaced, parse: parserOf(kind) };
}

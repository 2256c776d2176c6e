import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import loadWabt from 'wabt';
import { pods } from '../../../src/kubelet/cluster/core-resources.ts';
import { unlessMissing } from '../../../src/kubelet/cluster/unless-missing.ts';
import { parsePod } from '../../../src/kubelet/pods/parse-pod.ts';
import type { Pod } from '../../../src/kubelet/pods/schema/pod.ts';
import type { KubernetesObject } from '../../../src/kubernetes/api/object.ts';
import { parserOf, type Resource } from '../../../src/kubernetes/api/resource.ts';
import { createNamespace, TestClient, testCluster } from '../test-cluster.ts';
import { eventually } from './eventually.ts';
import { Kubectl } from './kubectl.ts';
import { NodeProcess } from './node-process.ts';
import { approveServing } from './serving-approver.ts';

const wabt = await loadWabt();

/** A way from kubectl through the API server to the kubelet. */
export interface Route {
  readonly name: string;
  readonly kubectl: 'WebSocket' | 'SPDY';
  /** What the API server makes of that. */
  readonly node: 'WebSocket' | 'SPDY';
  /** Flags of the node. */
  readonly flags: readonly string[];
}

/** The ways that there are: what the node declares decides what the API server speaks to it. */
export const routes: readonly Route[] = [
  { name: 'WebSocket all the way', kubectl: 'WebSocket', node: 'WebSocket', flags: [] },
  {
    name: 'SPDY to the node',
    kubectl: 'WebSocket',
    node: 'SPDY',
    flags: ['--feature-gates=ExtendWebSocketsToKubelet=false'],
  },
  { name: 'SPDY all the way', kubectl: 'SPDY', node: 'SPDY', flags: [] },
];

const serviceAccounts: Resource<KubernetesObject> = {
  apiVersion: 'v1',
  kind: 'ServiceAccount',
  plural: 'serviceaccounts',
  namespaced: true,
  parse: parserOf('ServiceAccount'),
};

/** A container as tests ask for one: its module, and whatever else its spec says. */
export interface TestContainerSpec {
  readonly name?: string;
  /** In the text format, or the path of a module. */
  readonly guest: string;
  readonly [field: string]: unknown;
}

/** A real node, a namespace, kubectl, and an approver of serving certificates. */
export class ServerWorkbench implements AsyncDisposable {
  readonly admin: TestClient;
  readonly namespace: string;
  readonly node: NodeProcess;
  readonly kubectl: Kubectl;
  readonly directory: string;
  readonly #resources: AsyncDisposableStack;

  static async start(route: Route = routes[0] as Route): Promise<ServerWorkbench> {
    await using stack = new AsyncDisposableStack();
    const admin = stack.use(new TestClient(testCluster().admin));
    const ending = new AbortController();
    const approving = approveServing(admin, ending);
    stack.defer(async () => {
      ending.abort();
      await approving;
    });
    const namespace = await createNamespace(admin, 'server');
    const name = `wasm-${randomBytes(3).toString('hex')}`;
    const node = stack.use(await NodeProcess.start(admin, { name, flags: route.flags }));
    const directory = mkdtempSync(path.join(os.tmpdir(), 'krustlet-guests-'));
    stack.defer(() => rmSync(directory, { recursive: true, force: true }));
    await eventually(async () => {
      // The admission plugin refuses pods until the namespace's ServiceAccount is there.
      return (await admin.list(serviceAccounts, { namespace })).items.length > 0;
    });
    const kubectl = new Kubectl({ namespace, speaks: route.kubectl });
    const parts = { admin, namespace, node, kubectl, directory };
    return new ServerWorkbench(parts, stack.move());
  }

  constructor(
    parts: Pick<ServerWorkbench, 'admin' | 'namespace' | 'node' | 'kubectl' | 'directory'>,
    resources: AsyncDisposableStack,
  ) {
    this.admin = parts.admin;
    this.namespace = parts.namespace;
    this.node = parts.node;
    this.kubectl = parts.kubectl;
    this.directory = parts.directory;
    this.#resources = resources;
  }

  /** Creates a pod on the node. */
  async create(name: string, containers: readonly TestContainerSpec[], spec = {}): Promise<Pod> {
    const { namespace } = this;
    return await this.admin.create(
      pods,
      parsePod({
        metadata: { name, namespace },
        spec: {
          nodeName: this.node.name,
          automountServiceAccountToken: false,
          terminationGracePeriodSeconds: 1,
          tolerations: [{ operator: 'Exists' }],
          containers: containers.map(({ name: container = 'app', guest, ...rest }) => ({
            name: container,
            image: `file:${this.moduleFile(`${name}-${container}`, guest)}`,
            ...rest,
          })),
          ...spec,
        },
      }),
    );
  }

  /** Creates a pod on the node and waits until it is Ready. */
  async run(name: string, containers: readonly TestContainerSpec[], spec = {}): Promise<Pod> {
    await this.create(name, containers, spec);
    return await this.until(name, ({ status }) =>
      status.conditions.some(({ type, status }) => type === 'Ready' && status === 'True'),
    );
  }

  /** The pod once it is as wanted. */
  async until(name: string, wanted: (pod: Pod) => boolean): Promise<Pod> {
    let last: Pod | undefined;
    await eventually(
      async () => {
        last = await this.admin.get(pods, { name, namespace: this.namespace });
        return wanted(last);
      },
      () => `${JSON.stringify(last?.status, null, 1)}\n${this.node.log}`,
    );
    assert.ok(last);
    return last;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await using _resources = this.#resources;
    const { admin, namespace } = this;
    const left = async () => (await admin.list(pods, { namespace })).items;
    for (const { metadata } of await left()) {
      // One that a test has deleted may be gone by now.
      await unlessMissing(admin.delete(pods, metadata, { gracePeriodSeconds: 1 }));
    }
    await eventually(
      async () => (await left()).length === 0,
      () => this.node.log,
    );
  }

  /** The path of a module that is in the text format, or is one already. */
  moduleFile(name: string, guest: string): string {
    if (!guest.startsWith('(module')) return guest;
    const file = path.join(this.directory, `${name}.wasm`);
    const module = wabt.parseWat(file, guest);
    writeFileSync(file, module.toBinary({}).buffer);
    module.destroy();
    return file;
  }
}

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import path from 'node:path';
import { pods, serviceAccounts } from '../../../src/kubelet/cluster/core-resources.ts';
import { parsePod } from '../../../src/kubelet/pods/parse-pod.ts';
import type { Pod } from '../../../src/kubelet/pods/schema/pod.ts';
import { isApiError } from '../../../src/kubernetes/api/api-error.ts';
import { type Node, nodes } from '../../../src/kubernetes/resources/node.ts';
import { eventually } from '../server/eventually.ts';
import { Kubectl } from '../server/kubectl.ts';
import { approveServing } from '../server/serving-approver.ts';
import { createNamespace, TestClient, testCluster } from '../test-cluster.ts';
import { NodeUnderTest, type NodeUnderTestInit } from './node-under-test.ts';

/** The module that does what its arguments say: see examples/assembly/wasmerciser.ts. */
export const wasmerciser = `file:${path.resolve(import.meta.dirname, '../../../examples/modules/wasmerciser.wasm')}`;

/** An argument that keeps a container running. */
export const forever = 'sleep(lit:3600000)';

/** A container that does what its arguments say. */
export function container(name: string, args: readonly string[], fields: object = {}): object {
  return { name, image: wasmerciser, imagePullPolicy: 'IfNotPresent', args, ...fields };
}

/** A real node, a namespace of its own, and kubectl. */
export class NodeBench implements AsyncDisposable {
  readonly admin: TestClient;
  readonly namespace: string;
  readonly node: NodeUnderTest;
  readonly kubectl: Kubectl;
  readonly #resources: AsyncDisposableStack;

  /** Resolves when the cluster calls the node Ready. */
  static async start(init: Partial<NodeUnderTestInit> = {}): Promise<NodeBench> {
    await using starting = new AsyncDisposableStack();
    const stack = starting.use(new AsyncDisposableStack());
    const admin = stack.use(new TestClient(testCluster().admin));
    const ending = new AbortController();
    const approving = approveServing(admin, ending);
    stack.defer(async () => {
      ending.abort();
      await approving;
    });
    const namespace = await createNamespace(admin, 'nodes');
    const name = `node-${randomBytes(3).toString('hex')}`;
    const node = stack.use(await NodeUnderTest.start({ name, ...init }));
    const bench = new NodeBench({ admin, namespace, node }, stack);
    await bench.untilNode(isReady);
    // The admission plugin refuses pods until the namespace's ServiceAccount is there.
    await eventually(
      async () => (await admin.list(serviceAccounts, { namespace })).items.length > 0,
    );
    starting.move();
    return bench;
  }

  constructor(
    parts: Pick<NodeBench, 'admin' | 'namespace' | 'node'>,
    resources: AsyncDisposableStack,
  ) {
    this.admin = parts.admin;
    this.namespace = parts.namespace;
    this.node = parts.node;
    this.kubectl = new Kubectl({ namespace: parts.namespace });
    this.#resources = resources;
  }

  /** Creates a pod on the node; one container that does what the arguments say, unless more is said. */
  async create(name: string, args: readonly string[], spec: object = {}): Promise<Pod> {
    const { namespace } = this;
    const pod = parsePod({
      metadata: { name, namespace },
      spec: {
        nodeName: this.node.name,
        automountServiceAccountToken: false,
        terminationGracePeriodSeconds: 1,
        tolerations: [{ key: 'kubernetes.io/arch', operator: 'Exists' }],
        containers: [container('app', args)],
        ...spec,
      },
    });
    return await this.admin.create(pods, pod);
  }

  /** The pod once it is as wanted; one that is not there may still come. */
  async until(name: string, wanted: (pod: Pod) => boolean, seconds?: number): Promise<Pod> {
    let last: Pod | undefined;
    await this.eventually(
      async () => {
        last = await this.find(name);
        return last !== undefined && wanted(last);
      },
      () => JSON.stringify(last?.status, null, 1),
      seconds,
    );
    assert.ok(last);
    return last;
  }

  /** The node's Node once it is as wanted. */
  async untilNode(wanted: (node: Node) => boolean, seconds?: number): Promise<Node> {
    let last: Node | undefined;
    await this.eventually(
      async () => {
        const { items } = await this.admin.list(nodes);
        last = items.find(({ metadata }) => metadata.name === this.node.name);
        return last !== undefined && wanted(last);
      },
      () => JSON.stringify(last?.status?.conditions),
      seconds,
    );
    assert.ok(last);
    return last;
  }

  /** Waits until it is so; the node's log is shown where it never is. */
  async eventually(
    check: () => Promise<boolean> | boolean,
    seen: () => string | undefined = () => undefined,
    seconds = 30,
  ): Promise<void> {
    await eventually(check, () => `${seen()}\n${this.node.log}`, seconds);
  }

  /** Ends the daemon and starts it again. */
  async restart(signal?: NodeJS.Signals, flags?: readonly string[]): Promise<void> {
    const { lives } = this.node;
    await this.node.stop(signal);
    this.node.start(flags);
    await this.eventually(() => this.node.lives > lives);
  }

  async pods(): Promise<readonly Pod[]> {
    return (await this.admin.list(pods, { namespace: this.namespace })).items;
  }

  async delete(name: string, gracePeriodSeconds = 1): Promise<void> {
    await this.admin.delete(pods, { name, namespace: this.namespace }, { gracePeriodSeconds });
  }

  async find(name: string): Promise<Pod | undefined> {
    try {
      return await this.admin.get(pods, { name, namespace: this.namespace });
    } catch (error) {
      if (isApiError(error, 'NotFound')) return undefined;
      throw error;
    }
  }

  async isGone(name: string): Promise<boolean> {
    return (await this.find(name)) === undefined;
  }

  /** Applies objects as kubectl does. */
  async apply(...items: readonly object[]): Promise<void> {
    const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
    const { code, stderr } = await this.kubectl.feed(list, 'apply', '--filename', '-');
    assert.equal(code, 0, stderr);
  }

  /** What a container has written so far. */
  async logOf(pod: string, name = 'app', ...flags: readonly string[]): Promise<string> {
    const { stdout, stderr } = await this.kubectl.run('logs', pod, '--container', name, ...flags);
    return stdout + stderr;
  }

  /** `type reason` of each Event about a pod, and its message. */
  async events(pod: string): Promise<readonly string[]> {
    const selector = `involvedObject.name=${pod}`;
    const template = '{range .items[*]}{.type} {.reason}: {.message}{"\\n"}{end}';
    const { stdout } = await this.kubectl.run(
      ...['get', 'events', '--field-selector', selector, '--output', `jsonpath=${template}`],
    );
    return stdout.split('\n').filter((line) => line !== '');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await using _resources = this.#resources;
    await this.kubectl.run(
      ...['delete', 'all', '--all', '--wait=false', '--grace-period=1', '--ignore-not-found'],
    );
    if (this.node.pid === undefined) this.node.start();
    await this.eventually(
      async () => (await this.pods()).length === 0,
      () => 'pods are left',
    );
  }
}

export function isReady({ status }: Node): boolean {
  return isTrue(status?.conditions, 'Ready');
}

export function isPodReady({ status }: Pod): boolean {
  return isTrue(status.conditions, 'Ready');
}

interface Condition {
  readonly type: string;
  readonly status: string;
}

function isTrue(conditions: readonly Condition[] | undefined, wanted: string): boolean {
  return conditions?.some(({ type, status }) => type === wanted && status === 'True') ?? false;
}

/** Processes of containers in this run's network, by pid; each is a container's id. */
export function containerProcesses(): ReadonlyMap<number, string> {
  const own = readlinkSync('/proc/self/ns/net');
  const found = readdirSync('/proc').flatMap((name) => {
    try {
      const [, id] = /^krustlet: (\w+)/.exec(readFileSync(`/proc/${name}/cmdline`, 'utf8')) ?? [];
      const isOwn = id !== undefined && readlinkSync(`/proc/${name}/ns/net`) === own;
      return isOwn ? [[Number(name), id] as const] : [];
    } catch {
      return []; // It has ended, or is no process.
    }
  });
  return new Map(found);
}

import { writeFileSync } from 'node:fs';
import path from 'node:path';
import wabt from 'wabt';
import { nodes } from '../../src/kubernetes/resources/node.ts';
import { ControlPlane } from '../../tests/cluster/control-plane.ts';
import { NodeUnderTest } from '../../tests/cluster/nodes/node-under-test.ts';
import { eventually } from '../../tests/cluster/server/eventually.ts';
import { approveServing } from '../../tests/cluster/server/serving-approver.ts';
import { createNamespace, TestClient, toTestCluster } from '../../tests/cluster/test-cluster.ts';
import { idleModule } from '../idle-module.ts';
import { buildProgram } from './build-program.ts';
import { plainPods } from './plain-pod.ts';
import { PodWatch } from './pod-watch.ts';
import { RequestLog } from './request-log.ts';

/** The node's address in the namespace: not a loopback one, as a node's may not be. */
export const nodeAddress = '10.77.0.1';

const nodeName = 'bench';

interface BenchClusterParts {
  readonly admin: TestClient;
  readonly node: NodeUnderTest;
  readonly namespace: string;
  readonly watch: PodWatch;
  readonly requests: RequestLog;
  readonly image: string;
}

/** A control plane, one node of it, and a watcher that sees what becomes of pods. */
export class BenchCluster implements AsyncDisposable {
  readonly admin: TestClient;
  readonly node: NodeUnderTest;
  readonly watch: PodWatch;
  /** What the node asks of the API server. */
  readonly requests: RequestLog;
  readonly #namespace: string;
  readonly #image: string;
  readonly #resources: AsyncDisposableStack;
  #created = 0;

  /** Resolves when the node is Ready. @param scratch an empty folder */
  static async start(scratch: string): Promise<BenchCluster> {
    await using stack = new AsyncDisposableStack();
    const requests = new RequestLog(scratch, `system:node:${nodeName}`);
    const controlPlane = stack.use(
      await ControlPlane.start({
        address: nodeAddress,
        clusterCIDR: '10.240.0.0/12',
        apiServerFlags: requests.apiServerFlags,
      }),
    );
    const admin = stack.use(new TestClient(controlPlane.adminAccess));
    const ending = new AbortController();
    const approving = approveServing(admin, ending);
    stack.defer(() => approving);
    stack.defer(() => ending.abort());
    process.env.KRUSTLET_TEST_ADDRESS = nodeAddress;
    const node = stack.use(
      await NodeUnderTest.start({
        name: nodeName,
        program: buildProgram(),
        cluster: toTestCluster(controlPlane),
        flags: ['--max-pods=1000', '--pod-cidr=10.240.0.0/16'],
      }),
    );
    await untilReady(admin, node);
    const namespace = await createNamespace(admin, 'bench');
    await untilPodsAreTaken(admin, namespace);
    const watch = stack.use(await PodWatch.start(admin, namespace));
    const image = await writeImage(scratch);
    return new BenchCluster({ admin, node, namespace, watch, requests, image }, stack.move());
  }

  constructor(parts: BenchClusterParts, resources: AsyncDisposableStack) {
    this.admin = parts.admin;
    this.node = parts.node;
    this.watch = parts.watch;
    this.requests = parts.requests;
    this.#namespace = parts.namespace;
    this.#image = parts.image;
    this.#resources = resources;
  }

  /** The daemon's pid. */
  get daemon(): number {
    const { pid } = this.node;
    if (pid === undefined) throw new Error(`the node has ended: ${this.node.log}`);
    return pid;
  }

  /** Asks for a pod that idles; gives its name. @param node where it runs */
  async create(node: string = nodeName): Promise<string> {
    this.#created += 1;
    const name = `idle-${this.#created}`;
    const spec = {
      nodeName: node,
      tolerations: [{ operator: 'Exists' }],
      containers: [{ name: 'app', image: this.#image, imagePullPolicy: 'IfNotPresent' }],
    };
    await this.admin.create(plainPods, { metadata: { name, namespace: this.#namespace }, spec });
    return name;
  }

  /** Says that a pod runs, as a node would at the end of all its work. */
  async claimRunning(name: string): Promise<void> {
    const patch = { kind: 'strategic', body: { status: { phase: 'Running' } } } as const;
    const place = { name, namespace: this.#namespace };
    await this.admin.patch(plainPods, place, patch, { subresource: 'status' });
  }

  /** Deletes a pod; resolves when the API server has taken note of it. */
  async delete(name: string, gracePeriodSeconds = 1): Promise<void> {
    const place = { name, namespace: this.#namespace };
    await this.admin.delete(plainPods, place, { gracePeriodSeconds });
  }

  /** Creates pods, and resolves when all of them run. */
  async fill(count: number): Promise<readonly string[]> {
    const names = await inParallel(count, () => this.create());
    await Promise.all(names.map((name) => this.watch.running(name)));
    return names;
  }

  /** Deletes the pods, and resolves when all are gone. */
  async clear(names: readonly string[]): Promise<void> {
    await inParallel(names.length, (index) => this.delete(names[index] ?? ''));
    await Promise.all(names.map((name) => this.watch.gone(name)));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#resources[Symbol.asyncDispose]();
  }
}

/** As many requests at once as a busy controller sends. */
const parallelRequests = 20;

/** Asks so many times, as many at once as a busy controller does; gives the answers in order. */
export async function inParallel<T>(
  count: number,
  ask: (index: number) => Promise<T>,
): Promise<readonly T[]> {
  const results: T[] = [];
  const indexes = Array.from({ length: count }).keys();
  const work = async () => {
    for (const index of indexes) results[index] = await ask(index);
  };
  await Promise.all(Array.from({ length: parallelRequests }, work));
  return results;
}

async function untilReady(admin: TestClient, node: NodeUnderTest): Promise<void> {
  const isReady = async () => {
    const { items } = await admin.list(nodes);
    const conditions = items.flatMap(({ status }) => status?.conditions ?? []);
    return conditions.some(({ type, status }) => type === 'Ready' && status === 'True');
  };
  await eventually(isReady, () => node.log, 60);
}

/** The admission plugin refuses pods until the namespace has its ServiceAccount. */
async function untilPodsAreTaken(admin: TestClient, namespace: string): Promise<void> {
  const serviceAccount = `/api/v1/namespaces/${namespace}/serviceaccounts`;
  const caBundle = `/api/v1/namespaces/${namespace}/configmaps`;
  for (const path of [serviceAccount, caBundle]) {
    await eventually(async () => {
      const list = JSON.stringify(await admin.request({ method: 'GET', path }));
      return !list.includes('"items":[]');
    });
  }
}

async function writeImage(scratch: string): Promise<string> {
  const { parseWat } = await wabt();
  const file = path.join(scratch, 'idle.wasm');
  writeFileSync(file, parseWat('idle', idleModule).toBinary({}).buffer);
  return `file:${file}`;
}

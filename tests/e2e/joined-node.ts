import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseAllDocuments } from 'yaml';
import { pods, secrets } from '../../src/kubelet/cluster/core-resources.ts';
import { isApiError } from '../../src/kubernetes/api/api-error.ts';
import type { ClusterAccess } from '../../src/kubernetes/connection/cluster-access.ts';
import { nodes } from '../../src/kubernetes/resources/node.ts';
import { type AnyObject, applyObject } from '../cluster/apply-object.ts';
import {
  type BootstrapToken,
  createBootstrapToken,
  tokenSecret,
} from '../cluster/bootstrap-objects.ts';
import { NodeUnderTest } from '../cluster/nodes/node-under-test.ts';
import { approveRequests } from '../cluster/server/serving-approver.ts';
import { TestClient } from '../cluster/test-cluster.ts';
import { isReady } from './e2e-target.ts';

const rbac = path.resolve(import.meta.dirname, '../../deploy/rbac.yaml');

/** How a node joins the cluster that it is tested on. */
export interface JoinedNodeInit {
  readonly access: ClusterAccess;
  readonly name: string;
  /** Of the node, besides those that it needs. @default none */
  readonly flags?: readonly string[];
}

/** The cluster is in a state that only a person may change: the message says which. */
export class CleanUpNeededError extends Error {
  override readonly name = 'CleanUpNeededError';
}

/**
 * A node that joins a cluster by a bootstrap token, its certificates approved, and that leaves the
 * cluster as it was, but for the roles of deploy/rbac.yaml.
 */
export class JoinedNode implements AsyncDisposable {
  readonly #node: NodeUnderTest;
  readonly #resources: AsyncDisposableStack;

  /**
   * Resolves when the cluster calls the node Ready.
   *
   * @throws {CleanUpNeededError} where a node of that name is Ready before, or rights are missing
   */
  static async start({ access, name, flags = [] }: JoinedNodeInit): Promise<JoinedNode> {
    await using stack = new AsyncDisposableStack();
    const client = stack.use(new TestClient(access));
    const token = await prepare(client, stack, name);
    stack.defer(() => deleteNode(client, name));
    approveItsRequests(client, stack, token, name);
    const cluster = { admin: access, bootstrapToken: token.token };
    const node = stack.use(
      await NodeUnderTest.start({
        name,
        cluster,
        flags: ['--drain-on-shutdown=true', '--shutdown-grace-period=10s', ...flags],
      }),
    );
    stack.defer(() => waitForPodsToGo(client, name));
    await waitUntilReady(client, node);
    return new JoinedNode(node, stack.move());
  }

  constructor(node: NodeUnderTest, resources: AsyncDisposableStack) {
    this.#node = node;
    this.#resources = resources;
  }

  /** What the node has said. */
  get log(): string {
    return this.#node.log;
  }

  /** Whether its process goes on. */
  get isRunning(): boolean {
    return this.#node.isRunning;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#resources[Symbol.asyncDispose]();
  }
}

/** Makes sure that a node of the name can join, and makes a token for it. */
async function prepare(
  client: TestClient,
  stack: AsyncDisposableStack,
  name: string,
): Promise<BootstrapToken> {
  try {
    await refuseReadyNode(client, name);
    for (const document of parseAllDocuments(readFileSync(rbac, 'utf8'))) {
      // A file of this repository.
      await applyObject(client, document.toJS() as AnyObject);
    }
    return await createToken(client, stack);
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw new CleanUpNeededError(`Cannot prepare the cluster: ${detail}`, { cause });
  }
}

async function refuseReadyNode(client: TestClient, name: string): Promise<void> {
  const { items } = await client.list(nodes, { fieldSelector: `metadata.name=${name}` });
  if (!items.some(isReady)) return;
  throw new Error(
    `node '${name}' is there and Ready; end it, or choose another name by KRUSTLET_NODE_NAME`,
  );
}

async function createToken(
  client: TestClient,
  stack: AsyncDisposableStack,
): Promise<BootstrapToken> {
  const token = createBootstrapToken();
  const expiration = new Date(Date.now() + 60 * 60 * 1000);
  const secret = tokenSecret(token, { expiration });
  await applyObject(client, secret);
  stack.defer(() => client.delete(secrets, secret.metadata));
  return token;
}

/** Approves what this node asks for, and nothing of anybody else. */
function approveItsRequests(
  client: TestClient,
  stack: AsyncDisposableStack,
  { id }: BootstrapToken,
  name: string,
): void {
  const users = [`system:bootstrap:${id}`, `system:node:${name}`];
  const ending = new AbortController();
  const approving = approveRequests(
    client,
    ({ spec: { username } }) => username !== undefined && users.includes(username),
    ending,
  );
  stack.defer(async () => {
    ending.abort();
    await approving;
  });
}

async function waitUntilReady(client: TestClient, node: NodeUnderTest): Promise<void> {
  const deadline = Date.now() + 60_000;
  const isJoined = async () => {
    const { items } = await client.list(nodes, { fieldSelector: `metadata.name=${node.name}` });
    return items.some(isReady);
  };
  while (!(await isJoined())) {
    if (!node.isRunning || Date.now() > deadline) {
      const what = node.isRunning ? 'not Ready after 60 s' : 'its process has ended';
      throw new Error(`Cannot start node '${node.name}': ${what}\n${node.log}`);
    }
    await sleep(100);
  }
}

/** The tests have deleted them; the node has to be there for them to end. */
async function waitForPodsToGo(client: TestClient, name: string): Promise<void> {
  const deadline = Date.now() + 40_000;
  const fieldSelector = `spec.nodeName=${name}`;
  const areLeft = async () => {
    const { items } = await client.list(pods, { fieldSelector });
    return items.some(({ metadata }) => metadata.namespace.startsWith('wasi-e2e'));
  };
  while ((await areLeft()) && Date.now() < deadline) await sleep(100);
}

async function deleteNode(client: TestClient, name: string): Promise<void> {
  try {
    await client.delete(nodes, { name });
  } catch (error) {
    if (!isApiError(error, 'NotFound')) throw error;
  }
}

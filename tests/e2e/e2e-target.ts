import os from 'node:os';
import path from 'node:path';
import { isApiError } from '../../src/kubernetes/api/api-error.ts';
import type { ClusterAccess } from '../../src/kubernetes/connection/cluster-access.ts';
import { loadKubeconfig } from '../../src/kubernetes/kubeconfig/load-kubeconfig.ts';
import { type Node, nodes } from '../../src/kubernetes/resources/node.ts';
import { TestClient } from '../cluster/test-cluster.ts';

const wasmerciser = path.resolve(import.meta.dirname, '../../examples/modules/wasmerciser.wasm');

/** What the end-to-end tests run against: see `npm run test:e2e` in CONTRIBUTING.md. */
export interface E2eTarget {
  readonly access: ClusterAccess;
  readonly node: Node;
  /** The image of examples/assembly/wasmerciser.ts. */
  readonly image: string;
  /** Whether the node reads the files of this machine. */
  readonly isLocal: boolean;
  /** How long a pod may take to its end, in seconds. */
  readonly patience: number;
}

/**
 * Finds the cluster by KUBECONFIG, the node by KRUSTLET_E2E_NODE (else there has to be just one that
 * is Ready), and the image by KRUSTLET_E2E_IMAGE (else the node has to be on this machine, and to
 * allow local modules).
 */
export async function findE2eTarget(): Promise<E2eTarget> {
  const { KUBECONFIG, KRUSTLET_E2E_NODE, KRUSTLET_E2E_IMAGE, KRUSTLET_E2E_PATIENCE } = process.env;
  const access = await loadKubeconfig(KUBECONFIG ?? path.join(os.homedir(), '.kube', 'config'));
  await using client = new TestClient(access);
  return {
    access,
    node: KRUSTLET_E2E_NODE ? await findNode(client, KRUSTLET_E2E_NODE) : await onlyNode(client),
    image: KRUSTLET_E2E_IMAGE ?? `file:${wasmerciser}`,
    isLocal: KRUSTLET_E2E_IMAGE === undefined,
    patience: Number(KRUSTLET_E2E_PATIENCE ?? 60),
  };
}

async function findNode(client: TestClient, name: string): Promise<Node> {
  try {
    return await client.get(nodes, { name });
  } catch (error) {
    if (!isApiError(error, 'NotFound')) throw error;
    throw new Error(`Cannot test node '${name}': the cluster has none of that name`);
  }
}

async function onlyNode(client: TestClient): Promise<Node> {
  const { items } = await client.list(nodes, { labelSelector: 'type=krustlet' });
  const ready = items.filter(isReady);
  const [only] = ready;
  if (only !== undefined && ready.length === 1) return only;
  const names = items.map(({ metadata }) => metadata.name).join(', ') || 'none';
  throw new Error(
    `Cannot choose a node: ${ready.length} of those labelled type=krustlet are Ready (there are: ${names}); name one in KRUSTLET_E2E_NODE`,
  );
}

/** Whether the cluster calls the node Ready. */
export function isReady({ status }: Node): boolean {
  return (
    status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false
  );
}

import { isDeepStrictEqual } from 'node:util';
import type { AbortOptions } from '../../../kubernetes/abort-options.ts';
import type { ApiClient } from '../../../kubernetes/api/api-client.ts';
import { isApiError } from '../../../kubernetes/api/api-error.ts';
import { type Node, nodes, type Taint } from '../../../kubernetes/resources/node.ts';
import type { NodeLog } from '../node-log.ts';
import { labelsOf, type NodeDescription, newNode } from './node-description.ts';

/** What `registerNode` needs. */
export interface RegisterNodeComponents {
  readonly client: ApiClient;
  readonly log: NodeLog;
}

/**
 * Sees to it that the cluster has this Node: creates it, or brings the labels of the one that is
 * there up to date. A node may not change its own taints, so those that are missing are only told.
 */
export async function registerNode(
  { client, log }: RegisterNodeComponents,
  description: NodeDescription,
  options: AbortOptions = {},
): Promise<Node> {
  const wanted = newNode(description);
  try {
    const created = await client.create(nodes, wanted, options);
    log.info(`Node '${description.nodeName}' created`);
    return created;
  } catch (error) {
    if (!isApiError(error, 'AlreadyExists')) throw error;
  }
  const existing = await client.get(nodes, wanted.metadata, options);
  warnOfTaints(existing, description, log);
  return updateLabels(client, existing, description, options);
}

async function updateLabels(
  client: ApiClient,
  existing: Node,
  description: NodeDescription,
  options: AbortOptions,
): Promise<Node> {
  const labels = { ...existing.metadata.labels, ...labelsOf(description) };
  if (isDeepStrictEqual(labels, existing.metadata.labels)) return existing;
  const body = { metadata: { uid: existing.metadata.uid, labels } };
  return client.patch(nodes, existing.metadata, { kind: 'merge', body }, options);
}

function warnOfTaints(existing: Node, { nodeName, taints }: NodeDescription, log: NodeLog): void {
  const missing = taints.filter((taint) => !existing.spec?.taints?.some(isSame(taint)));
  if (missing.length === 0) return;
  const list = missing.map(({ key, value = '', effect }) => `${key}=${value}:${effect}`).join(' ');
  log.warn(
    `Node '${nodeName}' was there without its taints, so that pods for Linux may come to it: run \`kubectl taint node ${nodeName} ${list}\``,
  );
}

function isSame(taint: Taint): (other: Taint) => boolean {
  return ({ key, effect }) => key === taint.key && effect === taint.effect;
}

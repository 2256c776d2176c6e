/**
 * Clears what tests left in a cluster: `npm run podsmiter -- [--dry-run] [--yes] [NAMESPACE…]`.
 * Namespaces of tests go with all their pods, at once and by force; pods stuck in Terminating
 * elsewhere are asked about first.
 */
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { createInterface } from 'node:readline/promises';
import { parseArgs } from 'node:util';
import { pods as podResource } from '../src/kubelet/cluster/core-resources.ts';
import { ApiClient } from '../src/kubernetes/api/api-client.ts';
import type { KubernetesObject } from '../src/kubernetes/api/object.ts';
import { parserOf, type Resource } from '../src/kubernetes/api/resource.ts';
import { ApiConnection } from '../src/kubernetes/connection/api-connection.ts';
import { loadKubeconfig } from '../src/kubernetes/kubeconfig/load-kubeconfig.ts';

/** How the namespaces of tests begin, Krustlet 1's among them. */
const testPrefixes = ['wasi-e2e', 'krustlet-e2e'];
/** How long after its grace a pod counts as stuck, in milliseconds. */
const patience = 60_000;

const namespaces: Resource<KubernetesObject> = {
  apiVersion: 'v1',
  kind: 'Namespace',
  plural: 'namespaces',
  namespaced: false,
  parse: parserOf('Namespace'),
};
/** Pods by their names alone, so that no pod is too odd to be removed. */
const anyPods: Resource<KubernetesObject> = { ...podResource, parse: parserOf('Pod') };

await main();

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { 'dry-run': { type: 'boolean' }, yes: { type: 'boolean', short: 'y' } },
  });
  const file = process.env.KUBECONFIG ?? path.join(os.homedir(), '.kube', 'config');
  const access = await loadKubeconfig(file);
  await using connection = new ApiConnection(access, { userAgent: 'krustlet-podsmiter' });
  const client = new ApiClient({ connection });
  console.log(`Cluster ${access.server}`);
  const isDry = values['dry-run'] === true;
  await smiteNamespaces(client, positionals, isDry);
  await smiteStuckPods(client, { isDry, isSure: values.yes === true });
}

async function smiteNamespaces(
  client: ApiClient,
  named: readonly string[],
  isDry: boolean,
): Promise<void> {
  const names = (await client.list(namespaces)).items.map(({ metadata }) => metadata.name);
  const wanted = (name: string): boolean => named.length === 0 || named.includes(name);
  for (const namespace of names.filter(isTest).filter(wanted)) {
    for (const { metadata } of (await client.list(anyPods, { namespace })).items) {
      await smite(client, metadata, isDry);
    }
    console.log(`${isDry ? 'Would delete' : 'Deleting'} namespace ${namespace}`);
    if (!isDry) await client.delete(namespaces, { name: namespace });
  }
}

async function smiteStuckPods(
  client: ApiClient,
  { isDry, isSure }: { readonly isDry: boolean; readonly isSure: boolean },
): Promise<void> {
  const { items } = await client.list(anyPods);
  for (const { metadata } of items.filter(isStuck)) {
    const name = `${metadata.namespace}/${metadata.name}`;
    if (isTest(metadata.namespace ?? '')) continue;
    if (isDry || isSure || (await ask(`Remove pod ${name} by force, which no test made?`))) {
      await smite(client, metadata, isDry);
    }
  }
}

async function smite(
  client: ApiClient,
  metadata: KubernetesObject['metadata'],
  isDry: boolean,
): Promise<void> {
  console.log(`${isDry ? 'Would remove' : 'Removing'} pod ${metadata.namespace}/${metadata.name}`);
  if (!isDry) await client.delete(anyPods, metadata, { gracePeriodSeconds: 0 });
}

function isTest(namespace: string): boolean {
  return testPrefixes.some((prefix) => namespace.startsWith(prefix));
}

/** The API server sets a pod's deletionTimestamp to the end of its grace. */
function isStuck({ metadata: { deletionTimestamp } }: KubernetesObject): boolean {
  return deletionTimestamp !== undefined && Date.parse(deletionTimestamp) + patience < Date.now();
}

/** Without somebody to ask the answer is no. */
async function ask(question: string): Promise<boolean> {
  if (!process.stdin.isTTY) {
    console.log(`${question} No: say --yes where nobody can be asked`);
    return false;
  }
  using terminal = createInterface({ input: process.stdin, output: process.stdout });
  return /^y(es)?$/i.test(await terminal.question(`${question} (y/N) `));
}

import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../..');

/** The programs that tests run against, and the Go package that each is built from. */
export const toolPackages = {
  etcd: 'go.etcd.io/etcd/server/v3',
  'kube-apiserver': 'k8s.io/kubernetes/cmd/kube-apiserver',
  'kube-controller-manager': 'k8s.io/kubernetes/cmd/kube-controller-manager',
  'kube-scheduler': 'k8s.io/kubernetes/cmd/kube-scheduler',
  kubectl: 'k8s.io/kubernetes/cmd/kubectl',
  'metrics-server': 'sigs.k8s.io/metrics-server/cmd/metrics-server',
  prometheus: 'github.com/prometheus/prometheus/cmd/prometheus',
  registry: 'github.com/distribution/distribution/v3/cmd/registry',
} as const;

/** A program that tests run against. */
export type ToolName = keyof typeof toolPackages;

/** Names of all tools. */
export const toolNames = Object.keys(toolPackages) as readonly ToolName[];

/** The folder of the Go module that pins each release of Kubernetes; the first is the current one. */
const modules = {
  'v1.37': import.meta.dirname,
  'v1.34': path.join(import.meta.dirname, 'v1.34'),
} as const;

/** A release of Kubernetes that tests run against. */
export type KubernetesRelease = keyof typeof modules;

/** What everything is tested with unless somebody says otherwise. */
export const currentRelease: KubernetesRelease = 'v1.37';

/** Reads the name of a release; what is not given is the current one. */
export function parseRelease(name: string | undefined): KubernetesRelease {
  if (name === undefined) return currentRelease;
  const known = Object.keys(modules) as readonly KubernetesRelease[];
  const found = known.find((release) => release === name);
  if (found) return found;
  throw new Error(`Cannot use Kubernetes '${name}': known releases are ${known.join(', ')}`);
}

/** The release of this run's tool: `--kubernetes` and `--kubectl` of scripts/test-cluster.ts. */
export function testedRelease(name: ToolName): KubernetesRelease {
  const { KRUSTLET_TEST_KUBERNETES: kubernetes, KRUSTLET_TEST_KUBECTL: kubectl } = process.env;
  if (name === 'kubectl') return parseRelease(kubectl ?? kubernetes);
  return isOfKubernetes(name) ? parseRelease(kubernetes) : currentRelease;
}

/** Whether the tool comes with Kubernetes and has its version. */
export function isOfKubernetes(name: ToolName): boolean {
  return toolPackages[name].startsWith('k8s.io/kubernetes/');
}

/** The folder with the Go module that pins the tool's version. */
export function toolsModule(name: ToolName, release: KubernetesRelease): string {
  // Of a module of its own: it would change the versions of what Kubernetes is built from.
  return name === 'prometheus' ? path.join(import.meta.dirname, name) : modules[release];
}

/** The tool's program, whether or not it is built: in one folder per state of its lock file. */
export function toolPath(name: ToolName, release = testedRelease(name)): string {
  const key = createHash('sha256')
    .update(readFileSync(path.join(toolsModule(name, release), 'go.sum')))
    .digest('hex')
    .slice(0, 16);
  return path.join(root, '.cache', 'tools', key, 'bin', name);
}

/**
 * Why a test that needs these tools cannot run here, for `describe(name, { skip })`; `false` where
 * it can. In CI nothing is skipped: there a missing tool fails the test that starts it.
 */
export function skipWithout(...names: readonly ToolName[]): string | false {
  const missing = names.filter((name) => !existsSync(toolPath(name)));
  if (missing.length === 0 || process.env.CI === 'true') return false;
  return `${missing.join(', ')} not built: run \`npm run build:test-tools\` (needs Go)`;
}

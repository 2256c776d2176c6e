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
  registry: 'github.com/distribution/distribution/v3/cmd/registry',
} as const;

/** A program that tests run against. */
export type ToolName = keyof typeof toolPackages;

/** Names of all tools. */
export const toolNames = Object.keys(toolPackages) as readonly ToolName[];

/** The folder with the Go module that pins the tools' versions. */
export const toolsModule = import.meta.dirname;

/** Where the tools are built to: one folder per state of the Go module's lock file. */
export function toolsDirectory(): string {
  const key = createHash('sha256')
    .update(readFileSync(path.join(toolsModule, 'go.sum')))
    .digest('hex')
    .slice(0, 16);
  return path.join(root, '.cache', 'tools', key, 'bin');
}

/** The tool's program, whether or not it is built. */
export function toolPath(name: ToolName): string {
  return path.join(toolsDirectory(), name);
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

/**
 * Builds the programs that tests run against (a Kubernetes control plane, a registry) from the Go
 * modules in tests/cluster into .cache/tools, once per state of their lock files:
 * `node scripts/build-test-tools.ts [--kubernetes=RELEASE] [name…]`.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import {
  currentRelease,
  isOfKubernetes,
  type KubernetesRelease,
  parseRelease,
  type ToolName,
  toolNames,
  toolPackages,
  toolPath,
  toolsModule,
} from '../tests/cluster/tools.ts';

/** A tool, and the release of Kubernetes whose Go module it is built from. */
interface Tool {
  readonly name: ToolName;
  readonly release: KubernetesRelease;
}

main();

function main(): void {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { kubernetes: { type: 'string' } },
  });
  const kubernetes = parseRelease(values.kubernetes);
  const wanted = positionals.length === 0 ? toolNames : positionals.map(parseToolName);
  const missing = wanted
    .map((name) => ({ name, release: isOfKubernetes(name) ? kubernetes : currentRelease }))
    .filter(({ name, release }) => !existsSync(toolPath(name, release)));
  if (missing.length === 0) return;
  requireGo();
  for (const tool of missing) build(tool);
}

function parseToolName(name: string): ToolName {
  const found = toolNames.find((known) => known === name);
  if (found) return found;
  throw new Error(`Cannot build '${name}': known tools are ${toolNames.join(', ')}`);
}

function requireGo(): void {
  const { status } = spawnSync('go', ['version'], { stdio: 'ignore' });
  if (status === 0) return;
  console.error('Go is not installed: tests against a real control plane and registry are skipped');
  process.exit(process.env.CI === 'true' ? 1 : 0);
}

function build({ name, release }: Tool): void {
  console.error(`Building ${name}: the first time takes minutes`);
  const program = toolPath(name, release);
  mkdirSync(path.dirname(program), { recursive: true });
  const unfinished = `${program}.${process.pid}`;
  // Leaves out Prometheus' ways to discover targets in clouds: a third of what it is made of.
  const tags = ['-tags', 'remove_all_sd'];
  const linked = ['-ldflags', linkerFlags({ name, release })];
  const flags = ['-trimpath', ...tags, ...linked, '-o', unfinished];
  const { status, error } = spawnSync('nice', ['go', 'build', ...flags, toolPackages[name]], {
    cwd: toolsModule(name, release),
    env: { ...process.env, CGO_ENABLED: '0' },
    stdio: 'inherit',
  });
  if (status !== 0) throw new Error(`Cannot build '${name}': go build failed`, { cause: error });
  renameSync(unfinished, program);
}

/** Kubernetes' programs learn their version from the linker; a control plane without one is not real. */
function linkerFlags({ name, release }: Tool): string {
  const strip = '-s -w';
  if (!isOfKubernetes(name)) return strip;
  const version = moduleVersion('k8s.io/kubernetes', toolsModule(name, release));
  const [major, minor] = version.slice(1).split('.');
  const values = { gitVersion: version, gitMajor: major, gitMinor: minor, gitTreeState: 'clean' };
  const packages = ['k8s.io/component-base/version', 'k8s.io/client-go/pkg/version'];
  const set = packages.flatMap((target) =>
    Object.entries(values).map(([key, value]) => `-X ${target}.${key}=${value}`),
  );
  return [strip, ...set].join(' ');
}

function moduleVersion(module: string, cwd: string): string {
  const list = spawnSync('go', ['list', '-m', '-f', '{{.Version}}', module], {
    cwd,
    encoding: 'utf8',
  });
  if (list.status !== 0) throw new Error(`Cannot read the version of '${module}': ${list.stderr}`);
  return list.stdout.trim();
}

/**
 * Builds the programs that tests run against (a Kubernetes control plane, a registry) from the Go
 * module in tests/cluster into .cache/tools, once per state of its lock file:
 * `node scripts/build-test-tools.ts [name…]`.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync } from 'node:fs';
import {
  type ToolName,
  toolNames,
  toolPackages,
  toolPath,
  toolsDirectory,
  toolsModule,
} from '../tests/cluster/tools.ts';

main(process.argv.slice(2));

function main(args: readonly string[]): void {
  const wanted = args.length === 0 ? toolNames : args.map(parseToolName);
  const missing = wanted.filter((name) => !existsSync(toolPath(name)));
  if (missing.length === 0) return;
  requireGo();
  mkdirSync(toolsDirectory(), { recursive: true });
  for (const name of missing) build(name);
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

function build(name: ToolName): void {
  console.error(`Building ${name}: the first time takes minutes`);
  const unfinished = `${toolPath(name)}.${process.pid}`;
  const flags = ['-trimpath', '-ldflags', linkerFlags(name), '-o', unfinished];
  const { status, error } = spawnSync('nice', ['go', 'build', ...flags, toolPackages[name]], {
    cwd: toolsModule,
    env: { ...process.env, CGO_ENABLED: '0' },
    stdio: 'inherit',
  });
  if (status !== 0) throw new Error(`Cannot build '${name}': go build failed`, { cause: error });
  renameSync(unfinished, toolPath(name));
}

/** Kubernetes' programs learn their version from the linker; a control plane without one is not real. */
function linkerFlags(name: ToolName): string {
  const strip = '-s -w';
  if (!toolPackages[name].startsWith('k8s.io/kubernetes/')) return strip;
  const version = moduleVersion('k8s.io/kubernetes');
  const [major, minor] = version.slice(1).split('.');
  const values = { gitVersion: version, gitMajor: major, gitMinor: minor, gitTreeState: 'clean' };
  const packages = ['k8s.io/component-base/version', 'k8s.io/client-go/pkg/version'];
  const set = packages.flatMap((target) =>
    Object.entries(values).map(([key, value]) => `-X ${target}.${key}=${value}`),
  );
  return [strip, ...set].join(' ');
}

function moduleVersion(module: string): string {
  const list = spawnSync('go', ['list', '-m', '-f', '{{.Version}}', module], {
    cwd: toolsModule,
    encoding: 'utf8',
  });
  if (list.status !== 0) throw new Error(`Cannot read the version of '${module}': ${list.stderr}`);
  return list.stdout.trim();
}

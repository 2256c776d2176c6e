/**
 * Runs the tests that need a real control plane:
 * `node scripts/test-cluster.ts [--kubernetes=RELEASE] [--kubectl=RELEASE] [pattern…]`. They run in
 * a network namespace of their own, so that pod addresses are real and nothing leaves the machine.
 */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { parseRelease, skipWithout, toolNames } from '../tests/cluster/tools.ts';

/** The machine's own address in the namespace: not a loopback one, as a node's may not be. */
const address = '10.77.0.1';

const all = 'tests/cluster/**/*.test.ts';

process.exitCode = main();

function main(): number {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { kubernetes: { type: 'string' }, kubectl: { type: 'string' } },
  });
  // Test files are processes of their own: see `testedRelease`.
  process.env.KRUSTLET_TEST_KUBERNETES = parseRelease(values.kubernetes);
  process.env.KRUSTLET_TEST_KUBECTL = parseRelease(values.kubectl ?? values.kubernetes);
  const reason = skipWithout(...toolNames);
  if (reason) {
    console.error(`Cluster tests are skipped: ${reason}`);
    return 0;
  }
  const files = positionals.length === 0 ? [all] : positionals;
  const test = [
    process.execPath,
    '--disable-warning=ExperimentalWarning',
    path.join(import.meta.dirname, 'run-tests.ts'),
    '--test-concurrency=1',
    '--test-global-setup=tests/cluster/global-setup.ts',
    ...files,
  ];
  const { status } = spawnSync(
    'unshare',
    [...namespaceFlags(), 'sh', '-c', script(), 'sh', ...test],
    {
      env: { ...process.env, KRUSTLET_TEST_ADDRESS: address },
      stdio: 'inherit',
    },
  );
  return status ?? 1;
}

/**
 * What is mounted is the run's own as well. Who is not root may make namespaces only inside a user
 * namespace.
 */
function namespaceFlags(): readonly string[] {
  const own = ['--net', '--mount'];
  return process.getuid?.() === 0 ? own : ['--user', '--map-root-user', ...own];
}

function script(): string {
  return `ip link set lo up && ip address add ${address}/24 dev lo && exec setpriv --pdeathsig TERM -- "$@"`;
}

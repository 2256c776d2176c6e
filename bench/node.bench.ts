import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { skipWithout } from '../tests/cluster/tools.ts';
import type { Bench, BenchMachine, BenchRow } from './bench-row.ts';
import { nodeAddress } from './node/bench-cluster.ts';

/**
 * A node in a real cluster: how long pods take to start, and what the node costs meanwhile. The
 * peer is the API server alone, with somebody who only writes the status: the rest is the node's.
 */
export const bench: Bench = {
  title: 'a node in a cluster',
  async measure(machine: BenchMachine): Promise<readonly BenchRow[]> {
    const missing = skipWithout('etcd', 'kube-apiserver', 'kube-controller-manager');
    if (missing) {
      process.stderr.write(`  skipped: ${missing}\n`);
      return [];
    }
    return measureInNamespace(machine.scratch);
  },
};

/** Pod addresses are real there, and nothing leaves the machine. */
function measureInNamespace(scratch: string): readonly BenchRow[] {
  const script = `ip link set lo up && ip address add ${nodeAddress}/24 dev lo && exec setpriv --pdeathsig TERM -- "$@"`;
  const measure = [
    process.execPath,
    '--disable-warning=ExperimentalWarning',
    path.join(import.meta.dirname, 'node/measure-node.ts'),
    scratch,
  ];
  const flags = process.getuid?.() === 0 ? ['--net'] : ['--user', '--map-root-user', '--net'];
  const { status, stdout } = spawnSync(
    'unshare',
    [...flags, 'sh', '-c', script, 'sh', ...measure],
    {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  if (status !== 0) throw new Error(`measuring the node failed: exit code ${status}`);
  // Written by measure-node.ts.
  return JSON.parse(stdout) as readonly BenchRow[];
}

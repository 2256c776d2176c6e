import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { skipWithout } from '../tests/cluster/tools.ts';
import { describeMachine } from './describe-machine.ts';
import { nodeAddress } from './node/bench-cluster.ts';

// `npm run bench:node [-- PART …]`: a node in a real cluster, how long pods take to start, and what
// the node costs meanwhile. The peer is the API server alone, with somebody who only writes the
// status: the rest is the node's. Prints each line when it is measured.

const missing = skipWithout('etcd', 'kube-apiserver', 'kube-controller-manager');
if (missing) console.error(`Measuring a node is skipped: ${missing}`);
else process.exitCode = measureInNamespace(process.argv.slice(2));

/** Pod addresses are real there, and nothing leaves the machine. */
function measureInNamespace(parts: readonly string[]): number {
  const scratch = mkdtempSync(path.join(os.tmpdir(), 'krustlet-bench-'));
  const script = `ip link set lo up && ip address add ${nodeAddress}/24 dev lo && exec setpriv --pdeathsig TERM -- "$@"`;
  const measure = [
    process.execPath,
    '--disable-warning=ExperimentalWarning',
    path.join(import.meta.dirname, 'node/measure-node.ts'),
    scratch,
    ...parts,
  ];
  const flags = process.getuid?.() === 0 ? ['--net'] : ['--user', '--map-root-user', '--net'];
  console.log(describeMachine());
  try {
    const command = [...flags, 'sh', '-c', script, 'sh', ...measure];
    return spawnSync('unshare', command, { stdio: 'inherit' }).status ?? 1;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

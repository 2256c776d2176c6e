/**
 * Runs the cluster tests against the oldest release of Kubernetes that this node is meant for, with
 * the kubectl of that release, then those of the kubelet's API with that kubectl against the current
 * release: `npm run test:compat`.
 */
import { spawnSync } from 'node:child_process';
import path from 'node:path';

const oldest = 'v1.34';

const runs: readonly (readonly string[])[] = [
  [`--kubernetes=${oldest}`, `--kubectl=${oldest}`],
  [`--kubectl=${oldest}`, 'tests/cluster/server/*.test.ts'],
];

for (const flags of runs) {
  console.log(`\ntest-cluster ${flags.join(' ')}\n`);
  const script = path.join(import.meta.dirname, 'test-cluster.ts');
  const { status } = spawnSync(process.execPath, [script, ...flags], { stdio: 'inherit' });
  if (status !== 0) process.exitCode = 1;
}

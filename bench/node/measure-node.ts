import { parseArgs } from 'node:util';
import type { BenchRow } from '../bench-row.ts';
import { BenchCluster } from './bench-cluster.ts';
import { measureBurst } from './measure-burst.ts';
import { measureChurn } from './measure-churn.ts';
import { measureIdle } from './measure-idle.ts';
import { measureStart } from './measure-start.ts';
import { measureThousand } from './measure-thousand.ts';

// `measure-node.ts SCRATCH [PART …]`, in a network namespace: measures all parts, or the named
// ones, and prints their rows as JSON.

const parts = {
  start: measureStart,
  burst: measureBurst,
  churn: measureChurn,
  idle: measureIdle,
  thousand: measureThousand,
} as const;

const [scratch = '', ...named] = parseArgs({ allowPositionals: true }).positionals;
const rows: BenchRow[] = [];
await using cluster = await BenchCluster.start(scratch);
for (const [name, measure] of Object.entries(parts)) {
  if (named.length > 0 && !named.includes(name)) continue;
  process.stderr.write(`  ${name} …\n`);
  rows.push(...(await measure(cluster)));
}
console.log(JSON.stringify(rows));

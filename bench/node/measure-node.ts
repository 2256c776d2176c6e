import { parseArgs } from 'node:util';
import type { BenchRow } from '../bench-row.ts';
import { cellsOf, columns } from '../cells-of.ts';
import { printRow } from '../print-row.ts';
import { BenchCluster } from './bench-cluster.ts';
import { measureBurst } from './measure-burst.ts';
import { measureChurn } from './measure-churn.ts';
import { measureIdle } from './measure-idle.ts';
import { measureStart } from './measure-start.ts';
import { measureThousand } from './measure-thousand.ts';

// `measure-node.ts SCRATCH [PART …]`, in a network namespace: measures all parts, or the named
// ones, each in less than a minute, and prints each row as soon as it is known.

type Measure = (cluster: BenchCluster) => AsyncGenerator<BenchRow>;

const parts = new Map<string, Measure>([
  ['start', measureStart],
  ['burst', measureBurst],
  ['churn', measureChurn],
  ['idle-0', measureIdle(0)],
  ['idle-110', measureIdle(110)],
  ['idle-250', measureIdle(250)],
  ['thousand', measureThousand],
]);

const [scratch = '', ...named] = parseArgs({ allowPositionals: true }).positionals;
const wanted = named.length > 0 ? named : [...parts.keys()];
const measures = wanted.map(measureNamed);

await using cluster = await BenchCluster.start(scratch);
printRow(columns);
for (const measure of measures) {
  for await (const row of measure(cluster)) printRow(cellsOf(row));
}

function measureNamed(name: string): Measure {
  const measure = parts.get(name);
  if (measure) return measure;
  throw new Error(`measuring "${name}" is not known: use ${[...parts.keys()].join(', ')}`);
}

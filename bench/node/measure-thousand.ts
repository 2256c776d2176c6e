import { setTimeout as sleep } from 'node:timers/promises';
import type { BenchRow } from '../bench-row.ts';
import type { BenchCluster } from './bench-cluster.ts';
import { processesOfNode, proportionalMb, residentMb } from './daemon-usage.ts';

const pods = 1_000;
const settling = 10_000;

/** As many pods as a node of upstream's could never hold. */
export async function* measureThousand(cluster: BenchCluster): AsyncGenerator<BenchRow> {
  const started = performance.now();
  const names = await cluster.fill(pods);
  yield {
    what: `${pods} pods created → all Running`,
    unit: 's',
    krustlet: (performance.now() - started) / 1_000,
    peers: {},
    budget: 20,
  };
  await sleep(settling);
  yield {
    what: `memory of the node with ${pods} idle pods`,
    unit: 'MB',
    krustlet: proportionalMb(processesOfNode(cluster.daemon)),
    peers: {},
    budget: 2_048,
  };
  yield {
    what: `daemon's memory, ${pods} idle pods`,
    unit: 'MB',
    krustlet: residentMb(cluster.daemon),
    peers: {},
  };
  await cluster.clear(names);
}

import { setTimeout as sleep } from 'node:timers/promises';
import type { BenchRow } from '../bench-row.ts';
import type { BenchCluster } from './bench-cluster.ts';
import { processesOfNode, proportionalMb, residentMb } from './daemon-usage.ts';

const pods = 1_000;
const settling = 10_000;

/** As many pods as a node of upstream's could never hold. */
export async function measureThousand(cluster: BenchCluster): Promise<readonly BenchRow[]> {
  const started = performance.now();
  const names = await cluster.fill(pods);
  const seconds = (performance.now() - started) / 1_000;
  await sleep(settling);
  const memory = proportionalMb(processesOfNode(cluster.daemon));
  const daemon = residentMb(cluster.daemon);
  await cluster.clear(names);
  return [
    {
      what: `${pods} pods created → all Running`,
      unit: 's',
      krustlet: seconds,
      peers: {},
      budget: 20,
    },
    {
      what: `memory of the node with ${pods} idle pods`,
      unit: 'MB',
      krustlet: memory,
      peers: {},
      budget: 2_048,
    },
    { what: `daemon's memory, ${pods} idle pods`, unit: 'MB', krustlet: daemon, peers: {} },
  ];
}

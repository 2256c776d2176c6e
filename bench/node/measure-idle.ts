import { setTimeout as sleep } from 'node:timers/promises';
import type { BenchRow } from '../bench-row.ts';
import type { BenchCluster } from './bench-cluster.ts';
import { cpuSeconds, residentMb } from './daemon-usage.ts';
import { between } from './request-log.ts';

const counts = [0, 110, 250] as const;
/** Pods have come to rest after that; in milliseconds. */
const settling = 10_000;
const watched = 60_000;

/** What the daemon costs while its pods do nothing. */
export async function measureIdle(cluster: BenchCluster): Promise<readonly BenchRow[]> {
  const rows: BenchRow[] = [];
  for (const count of counts) {
    const names = await cluster.fill(count);
    await sleep(settling);
    rows.push(...(await watchIdle(cluster, count)));
    await cluster.clear(names);
  }
  return rows;
}

async function watchIdle(cluster: BenchCluster, count: number): Promise<readonly BenchRow[]> {
  const before = await cluster.requests.count();
  const cpuBefore = cpuSeconds(cluster.daemon);
  const started = performance.now();
  await sleep(watched);
  const share = (cpuSeconds(cluster.daemon) - cpuBefore) / ((performance.now() - started) / 1_000);
  const asked = between(before, await cluster.requests.count());
  const isBudget = count === 110;
  return [
    {
      what: `daemon's memory, ${count} idle pods`,
      unit: 'MB',
      krustlet: residentMb(cluster.daemon),
      peers: {},
      ...(isBudget && { budget: 110 }),
    },
    {
      what: `daemon's CPU, ${count} idle pods`,
      unit: '% of a core',
      krustlet: share * 100,
      peers: {},
      ...(isBudget && { budget: 1 }),
    },
    ...[...asked].map(([kind, requests]) => ({
      what: `requests per minute, ${count} idle pods: ${kind}`,
      unit: 'requests' as const,
      krustlet: requests,
      peers: {},
    })),
  ];
}

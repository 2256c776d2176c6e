import { setTimeout as sleep } from 'node:timers/promises';
import type { BenchRow } from '../bench-row.ts';
import type { BenchCluster } from './bench-cluster.ts';
import { cpuSeconds, residentMb } from './daemon-usage.ts';
import { between } from './request-log.ts';

/** Pods have come to rest after that; in milliseconds. */
const settling = 10_000;
const watched = 30_000;

/** Measures what the daemon costs while so many pods do nothing. */
export function measureIdle(count: number) {
  return async function* measure(cluster: BenchCluster): AsyncGenerator<BenchRow> {
    const names = await cluster.fill(count);
    await sleep(settling);
    yield* watchIdle(cluster, count);
    await cluster.clear(names);
  };
}

async function* watchIdle(cluster: BenchCluster, count: number): AsyncGenerator<BenchRow> {
  const before = await cluster.requests.count();
  const cpuBefore = cpuSeconds(cluster.daemon);
  const started = performance.now();
  await sleep(watched);
  const seconds = (performance.now() - started) / 1_000;
  const cpu = cpuSeconds(cluster.daemon) - cpuBefore;
  const asked = between(before, await cluster.requests.count());
  const isBudget = count === 110;
  yield {
    what: `daemon's memory, ${count} idle pods`,
    unit: 'MB',
    krustlet: residentMb(cluster.daemon),
    peers: {},
    ...(isBudget && { budget: 110 }),
  };
  yield {
    what: `daemon's CPU, ${count} idle pods`,
    unit: '% of a core',
    krustlet: (cpu / seconds) * 100,
    peers: {},
    ...(isBudget && { budget: 1 }),
  };
  for (const [kind, requests] of asked) {
    const what = `requests per minute, ${count} idle pods: ${kind}`;
    yield { what, unit: 'requests', krustlet: (requests * 60) / seconds, peers: {} };
  }
}

import type { BenchRow } from '../bench-row.ts';
import { type BenchCluster, inParallel } from './bench-cluster.ts';
import { cpuSeconds } from './daemon-usage.ts';

const pods = 500;

/** Pods that come and go, twenty at a time. */
export async function* measureChurn(cluster: BenchCluster): AsyncGenerator<BenchRow> {
  const cpuBefore = cpuSeconds(cluster.daemon);
  const started = performance.now();
  await inParallel(pods, async () => {
    const name = await cluster.create();
    await cluster.watch.running(name);
    await cluster.delete(name);
    await cluster.watch.gone(name);
  });
  const seconds = (performance.now() - started) / 1_000;
  const cpu = ((cpuSeconds(cluster.daemon) - cpuBefore) / pods) * 1_000;
  yield {
    what: `pods created, run and deleted, of ${pods}`,
    unit: 'per s',
    krustlet: pods / seconds,
    peers: {},
  };
  yield {
    what: 'CPU of the daemon per pod that came and went',
    unit: 'ms',
    krustlet: cpu,
    peers: {},
  };
}

import { type BenchRow, median } from '../bench-row.ts';
import { type BenchCluster, inParallel } from './bench-cluster.ts';
import { cpuSeconds } from './daemon-usage.ts';

const pods = 100;
const rounds = 5;
const budget = 1.5;

/** A hundred pods at once: until the last one is seen as Running. */
export async function* measureBurst(cluster: BenchCluster): AsyncGenerator<BenchRow> {
  const runs: number[] = [];
  const cpu: number[] = [];
  const bare: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const before = cpuSeconds(cluster.daemon);
    const started = performance.now();
    const names = await cluster.fill(pods);
    runs.push((performance.now() - started) / 1_000);
    cpu.push(((cpuSeconds(cluster.daemon) - before) / pods) * 1_000);
    await cluster.clear(names);
    bare.push(await pretend(cluster));
  }
  yield {
    what: `${pods} pods created → all Running`,
    unit: 's',
    krustlet: median(runs),
    peers: { 'API server alone': median(bare) },
    budget,
  };
  yield {
    what: `CPU of the daemon per pod, ${pods} at once`,
    unit: 'ms',
    krustlet: median(cpu),
    peers: {},
  };
}

/** Seconds that the API server needs for the same pods, where nobody runs them. */
async function pretend(cluster: BenchCluster): Promise<number> {
  const started = performance.now();
  const names = await inParallel(pods, async () => {
    const name = await cluster.create('nobody');
    await cluster.claimRunning(name);
    return name;
  });
  await Promise.all(names.map((name) => cluster.watch.running(name)));
  const seconds = (performance.now() - started) / 1_000;
  await inParallel(names.length, (index) => cluster.delete(names[index] ?? '', 0));
  return seconds;
}

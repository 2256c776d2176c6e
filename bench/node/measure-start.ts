import type { BenchRow } from '../bench-row.ts';
import type { BenchCluster } from './bench-cluster.ts';
import { between } from './request-log.ts';

const warmUps = 10;
const rounds = 100;
const counted = 20;
/** Nobody takes care of pods that are bound to it. */
const nobody = 'nobody';

/** One pod at a time: created → seen as Running, deleted → seen as gone. */
export async function* measureStart(cluster: BenchCluster): AsyncGenerator<BenchRow> {
  // Another pod is there already, as on any node that is used.
  const [other = ''] = await cluster.fill(1);
  for (let round = 0; round < warmUps; round += 1) await runOnce(cluster);
  const runs: Times[] = [];
  const bare: Times[] = [];
  for (let round = 0; round < rounds; round += 1) {
    runs.push(await runOnce(cluster));
    bare.push(await pretendOnce(cluster));
  }
  const row = (what: string, share: number, pick: keyof Times, budget?: number): BenchRow => ({
    what,
    unit: 'ms',
    krustlet: quantile(runs, pick, share),
    peers: { 'API server alone': quantile(bare, pick, share) },
    ...(budget !== undefined && { budget }),
  });
  yield row('pod created → Running, p50', 0.5, 'start', 30);
  yield row('pod created → Running, p99', 0.99, 'start', 100);
  yield row('pod deleted → gone, p50', 0.5, 'end');
  yield row('pod deleted → gone, p99', 0.99, 'end');
  yield* requestsOfStarts(cluster);
  await cluster.clear([other]);
}

/** What the node asks for, one pod after the other, until all is said about their starts. */
async function* requestsOfStarts(cluster: BenchCluster): AsyncGenerator<BenchRow> {
  const before = await cluster.requests.count();
  const names: string[] = [];
  for (let index = 0; index < counted; index += 1) names.push(...(await cluster.fill(1)));
  const asked = between(before, await cluster.requests.count());
  await cluster.clear(names);
  for (const [kind, count] of asked) {
    const what = `requests per pod start: ${kind}`;
    yield { what, unit: 'requests', krustlet: count / counted, peers: {} };
  }
}

/** In milliseconds. */
interface Times {
  readonly start: number;
  readonly end: number;
}

async function runOnce(cluster: BenchCluster): Promise<Times> {
  const created = performance.now();
  const name = await cluster.create();
  const start = (await cluster.watch.running(name)) - created;
  const deleted = performance.now();
  await cluster.delete(name);
  return { start, end: (await cluster.watch.gone(name)) - deleted };
}

/** What the API server needs for a node that does nothing but say that the pod runs. */
async function pretendOnce(cluster: BenchCluster): Promise<Times> {
  const created = performance.now();
  const name = await cluster.create(nobody);
  await cluster.claimRunning(name);
  const start = (await cluster.watch.running(name)) - created;
  const deleted = performance.now();
  await cluster.delete(name);
  await cluster.delete(name, 0);
  return { start, end: (await cluster.watch.gone(name)) - deleted };
}

function quantile(runs: readonly Times[], pick: keyof Times, share: number): number {
  const sorted = runs.map((run) => run[pick]).sort((a, b) => a - b);
  return sorted[Math.min(Math.floor(sorted.length * share), sorted.length - 1)] ?? Number.NaN;
}

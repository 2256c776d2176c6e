import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Bench, BenchMachine, BenchRow } from './bench-row.ts';
import { median } from './bench-row.ts';
import { type HttpPeer, KrustletPeer, WasmtimePeer } from './http/http-peer.ts';
import { type Load, wrk } from './http/wrk.ts';

const fixtures = path.resolve(import.meta.dirname, '../tests/fixtures/components');
const hello = path.join(fixtures, 'http-hello.wasm');
const workloads: readonly Workload[] = [
  { name: 'hello', component: hello, route: '/' },
  { name: '64 KiB', component: path.join(fixtures, 'http-work.wasm'), route: '/body' },
  { name: 'JSON', component: path.join(fixtures, 'http-work.wasm'), route: '/json' },
];
const connections = [1, 16, 128];
const reusing = 'wasmtime, reusing';
const rounds = 2;
const seconds = 4;
/** After so many, a container that shall have threads has them, and they are warm. */
const firstSeconds = 6;
const starts = 5;
/** sysconf(_SC_CLK_TCK), which is the same on all machines that Node runs on. */
const ticksPerSecond = 100;

/**
 * Components that serve HTTP, also by one thread alone, against `wasmtime serve`: by default, which isolates requests from each
 * other as krustlet does, and with instances that are used again as they are. Needs wrk. Peers take
 * turns, and the best round of each counts: the others measure the neighbours.
 */
export const bench: Bench = {
  title: 'HTTP components',
  async measure(machine) {
    await using ours = new KrustletPeer('krustlet');
    await using one = new KrustletPeer('krustlet, one thread', { threads: 1 });
    const peers = [ours, one, ...wasmtimePeers(machine)];
    const rows: BenchRow[] = [];
    for (const workload of workloads) rows.push(...(await loadRows(workload, peers, machine)));
    rows.push(...(await startRows({ name: 'hello', component: hello }, peers, starts)));
    if (machine.large !== undefined) {
      const large = { name: path.basename(machine.large.component), ...machine.large };
      // What was made of a language with a runtime of its own seldom answers a second request.
      const isolating = peers.filter(({ name }) => name !== reusing);
      rows.push(...(await startRows(large, peers, 1)));
      rows.push(...(await loadRows(large, isolating, machine)));
    }
    return rows;
  },
};

function wasmtimePeers({ wasmtime }: BenchMachine): HttpPeer[] {
  if (wasmtime === undefined) return [];
  const reuse = ['--max-instance-reuse-count', '128'];
  return [new WasmtimePeer('wasmtime', wasmtime), new WasmtimePeer(reusing, wasmtime, reuse)];
}

interface Workload {
  readonly name: string;
  readonly component: string;
  readonly route: string;
}

interface Measured {
  /** By the number of connections. */
  readonly loads: Map<number, Load & { readonly processorTime: number }>;
  /** Of 16 connections, from the first request on. */
  first: Load | undefined;
  /** Kilobytes of memory. */
  rest: number;
  loaded: number;
}

async function loadRows(
  workload: Workload,
  peers: readonly HttpPeer[],
  { scratch }: BenchMachine,
): Promise<BenchRow[]> {
  const measured = new Map(peers.map((peer) => [peer, newMeasured()] as const));
  for (let round = 0; round < rounds; round++) {
    for (const [peer, into] of measured) await measure(peer, workload, into, scratch);
  }
  return [
    row(
      `${workload.name}, first ${firstSeconds} s, 16 connections`,
      'per s',
      (it) => it.first?.requests,
    ),
    row('  p99', 'µs', (it) => it.first?.p99),
    ...connections.flatMap((count) => [
      row(`${workload.name}, ${count} connections`, 'per s', (it) => it.loads.get(count)?.requests),
      row('  p50', 'µs', (it) => it.loads.get(count)?.p50),
      row('  p99', 'µs', (it) => it.loads.get(count)?.p99),
      row('  p99.9', 'µs', (it) => it.loads.get(count)?.p999),
      row('  processor time of a request', 'µs', (it) => it.loads.get(count)?.processorTime),
    ]),
    row(`${workload.name}, memory at rest`, 'MB', (it) => it.rest / 1024),
    row(`${workload.name}, memory after the load`, 'MB', (it) => it.loaded / 1024),
  ];

  function row(
    what: string,
    unit: BenchRow['unit'],
    of: (measured: Measured) => number | undefined,
  ): BenchRow {
    const values = new Map([...measured].map(([{ name }, it]) => [name, of(it) ?? Number.NaN]));
    const { krustlet = Number.NaN, ...others } = Object.fromEntries(values);
    return { what, unit, krustlet, peers: others };
  }
}

function newMeasured(): Measured {
  return { loads: new Map(), first: undefined, rest: 0, loaded: 0 };
}

async function measure(
  peer: HttpPeer,
  { component, route }: Workload,
  into: Measured,
  scratch: string,
): Promise<void> {
  await using service = await peer.serve(component);
  const url = `${service.url}${route}`;
  into.rest = privateMemory(service.pid);
  const first = await wrk(url, { connections: 16, seconds: firstSeconds, scratch });
  if (first.requests > (into.first?.requests ?? 0)) into.first = first;
  for (const count of connections) {
    const before = processorTime(service.pid);
    const load = await wrk(url, { connections: count, seconds, scratch });
    const perRequest = (processorTime(service.pid) - before) / load.count;
    const best = into.loads.get(count);
    if (best !== undefined && best.requests > load.requests) continue;
    into.loads.set(count, { ...load, processorTime: perRequest });
  }
  into.loaded = privateMemory(service.pid);
}

async function startRows(
  { name, component }: Omit<Workload, 'route'>,
  peers: readonly HttpPeer[],
  times: number,
): Promise<BenchRow[]> {
  const found = new Map<string, number>();
  for (const peer of peers) {
    await startOnce(peer, component); // a first one may have to be prepared for
    const all: number[] = [];
    for (let start = 0; start < times; start++) all.push(await startOnce(peer, component));
    found.set(peer.name, median(all));
  }
  const { krustlet = Number.NaN, ...others } = Object.fromEntries(found);
  return [{ what: `${name}, start to first answer`, unit: 'ms', krustlet, peers: others }];
}

async function startOnce(peer: HttpPeer, component: string): Promise<number> {
  await using service = await peer.serve(component);
  return service.firstAnswer;
}

/** Microseconds of all threads of a process, its own and the kernel's for it. */
function processorTime(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = Number(fields[11]) + Number(fields[12]); // utime and stime
  return (ticks * 1e6) / ticksPerSecond;
}

/** What nobody else has of a process, and could not be read from a file again. */
function privateMemory(pid: number): number {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  return Number(/Private_Dirty:\s+(\d+)/.exec(rollup)?.[1]);
}

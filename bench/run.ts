import { execFileSync } from 'node:child_process';
import { globSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { formatTable } from '../src/krustlet/output/format-table.ts';
import type { Bench, BenchMachine, BenchRow } from './bench-row.ts';

// `npm run bench [-- --wasmtime PATH] [NAME ...]`: runs all of bench/*.bench.ts, or the named ones,
// and prints one table. A ratio above 1 means that krustlet is ahead of the peer.

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { wasmtime: { type: 'string' } },
});

const wasmtime = values.wasmtime ?? onPath('wasmtime');
const files = globSync(path.join(import.meta.dirname, '*.bench.ts'))
  .filter((file) => positionals.length === 0 || positionals.includes(nameOf(file)))
  .sort();

console.log(describeMachine());
const rows: string[][] = [];
for (const file of files) rows.push(...(await runBench(file)));
console.log(formatTable(['WHAT', 'KRUSTLET', 'PEERS', 'RATIO', 'BUDGET'], rows));

async function runBench(file: string): Promise<string[][]> {
  const { bench }: { bench: Bench } = await import(file);
  const scratch = mkdtempSync(path.join(os.tmpdir(), 'krustlet-bench-'));
  try {
    process.stderr.write(`${bench.title} …\n`);
    const machine: BenchMachine = { wasmtime, scratch };
    return (await bench.measure(machine)).map(cellsOf);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function cellsOf(row: BenchRow): string[] {
  const peers = Object.entries(row.peers);
  return [
    row.what,
    `${round(row.krustlet)} ${row.unit}`,
    peers.map(([name, value]) => `${name} ${round(value)}`).join(', '),
    peers.map(([, value]) => ratio(row, value).toFixed(2)).join(', '),
    row.budget === undefined ? '' : `${round(row.budget)} ${row.unit}`,
  ];
}

function ratio(row: BenchRow, peer: number): number {
  const moreIsBetter = row.unit === 'MB/s' || row.unit === 'per s';
  return moreIsBetter ? row.krustlet / peer : peer / row.krustlet;
}

function round(value: number): string {
  return value >= 100 ? String(Math.round(value)) : value.toPrecision(3);
}

function nameOf(file: string): string {
  return path.basename(file, '.bench.ts');
}

function describeMachine(): string {
  const cpu = os.cpus()[0]?.model ?? 'unknown processor';
  const peer = wasmtime === undefined ? 'no wasmtime' : execFileSync(wasmtime, ['--version']);
  return `${os.availableParallelism()} × ${cpu}, Linux ${os.release()}, Node ${process.versions.node}, ${String(peer).trim()}\n`;
}

function onPath(program: string): string | undefined {
  const folders = (process.env.PATH ?? '').split(path.delimiter);
  return globSync(folders.map((folder) => path.join(folder, program)))[0];
}

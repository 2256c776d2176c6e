import { execFileSync } from 'node:child_process';
import { globSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { formatTable } from '../src/krustlet/output/format-table.ts';
import type { Bench, BenchMachine } from './bench-row.ts';
import { cellsOf, columns } from './cells-of.ts';
import { describeMachine } from './describe-machine.ts';

// `npm run bench [-- --wasmtime PATH] [--component FILE [--route /PATH]] [NAME ...]`: runs all of
// bench/*.bench.ts, or the named ones, and prints one table.

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    wasmtime: { type: 'string' },
    component: { type: 'string' },
    route: { type: 'string' },
  },
});

const wasmtime = values.wasmtime ?? onPath('wasmtime');
const files = globSync(path.join(import.meta.dirname, '*.bench.ts'))
  .filter((file) => positionals.length === 0 || positionals.includes(nameOf(file)))
  .sort();

const peer = wasmtime === undefined ? 'no wasmtime' : execFileSync(wasmtime, ['--version']);
console.log(`${describeMachine()}, ${String(peer).trim()}\n`);
const rows: string[][] = [];
for (const file of files) rows.push(...(await runBench(file)));
console.log(formatTable(columns, rows));

async function runBench(file: string): Promise<string[][]> {
  const { bench }: { bench: Bench } = await import(file);
  const scratch = mkdtempSync(path.join(os.tmpdir(), 'krustlet-bench-'));
  try {
    process.stderr.write(`${bench.title} …\n`);
    const { component, route = '/' } = values;
    const large = component === undefined ? undefined : { component, route };
    const machine: BenchMachine = { wasmtime, large, scratch };
    return (await bench.measure(machine)).map(cellsOf);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function nameOf(file: string): string {
  return path.basename(file, '.bench.ts');
}

function onPath(program: string): string | undefined {
  const folders = (process.env.PATH ?? '').split(path.delimiter);
  return globSync(folders.map((folder) => path.join(folder, program)))[0];
}

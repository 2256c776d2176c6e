import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import wabt from 'wabt';
import { Machine } from '../src/krustlet/containers/machine.ts';
import type { ContainerSpec } from '../src/runtime/container-spec.ts';
import { plainContainerSpec } from '../src/runtime/plain-container-spec.ts';
import type { RunningContainer } from '../src/runtime/running-container.ts';
import type { Bench, BenchMachine, BenchRow } from './bench-row.ts';
import { idleModule } from './idle-module.ts';

const counts = [1, 100, 1000] as const;
/** As many processes of the peer as fit everywhere. */
const mostPeers = 100;
const budgetKb = 1024;

/** Kilobytes of private memory per idle container: what one more of them costs. */
export const bench: Bench = {
  title: 'memory of idle containers',
  async measure(machine: BenchMachine): Promise<readonly BenchRow[]> {
    const { parseWat } = await wabt();
    const module = path.join(machine.scratch, 'idle.wasm');
    writeFileSync(module, parseWat('idle', idleModule).toBinary({}).buffer);
    const rows: BenchRow[] = [];
    for (const count of counts) rows.push(...(await measureCount(count, module, machine)));
    return rows;
  },
};

async function measureCount(
  count: number,
  module: string,
  { wasmtime, scratch }: BenchMachine,
): Promise<BenchRow[]> {
  const ours = await measureContainers(count, module, path.join(scratch, `data-${count}`));
  const theirs =
    wasmtime !== undefined && count <= mostPeers
      ? await measureProcesses(count, [wasmtime, 'run', module])
      : undefined;
  const row = (what: string, unit: 'kB', pick: (memory: Memory) => number, budget?: number) => ({
    what: `${what} of ${count} idle`,
    unit,
    krustlet: pick(ours),
    peers: theirs === undefined ? {} : { wasmtime: pick(theirs) },
    ...(budget !== undefined && { budget }),
  });
  return [
    row('private memory', 'kB', ({ privateKb }) => privateKb, budgetKb),
    row('proportional memory', 'kB', ({ proportionalKb }) => proportionalKb),
  ];
}

/** Means per process. */
interface Memory {
  readonly privateKb: number;
  readonly proportionalKb: number;
}

async function measureContainers(count: number, module: string, dataDir: string): Promise<Memory> {
  using machine = new Machine({ dataDir });
  mkdirSync(path.join(dataDir, 'logs'), { recursive: true });
  const containers: RunningContainer[] = [];
  try {
    for (let index = 0; index < count; index += 1) {
      containers.push(await machine.start(specOf(`idle-${index}`, module, dataDir)));
    }
    await sleep(500);
    return meanMemory(containers.map(({ pid }) => pid));
  } finally {
    await Promise.all(containers.map((container) => container.stop(0)));
    for (const container of containers) await container.remove();
  }
}

async function measureProcesses(count: number, [program = '', ...args]: string[]): Promise<Memory> {
  const children: ChildProcess[] = [];
  try {
    for (let index = 0; index < count; index += 1) {
      children.push(spawn(program, args, { stdio: 'ignore' }));
    }
    await sleep(2000);
    return meanMemory(children.map(({ pid }) => pid));
  } finally {
    for (const child of children) child.kill('SIGKILL');
    await Promise.all(children.map((child) => once(child, 'exit')));
  }
}

function meanMemory(pids: readonly (number | undefined)[]): Memory {
  const all = pids.map((pid) => readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'));
  const sum = (...keys: string[]) =>
    all
      .flatMap((text) => keys.map((key) => new RegExp(`^${key}:\\s+(\\d+)`, 'm').exec(text)?.[1]))
      .reduce((total, kilobytes) => total + Number(kilobytes), 0);
  return {
    privateKb: sum('Private_Clean', 'Private_Dirty') / all.length,
    proportionalKb: sum('Pss') / all.length,
  };
}

function specOf(id: string, modulePath: string, dataDir: string): ContainerSpec {
  const log = { path: path.join(dataDir, 'logs', `${id}.log`), maxBytes: 1_000_000, maxFiles: 1 };
  return plainContainerSpec({ id, trustDomain: 'bench', modulePath, log });
}

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { StartForm } from '../src/runtime/container-spec.ts';
import { guests } from '../tests/runtime/guests.ts';
import { TestContainers } from '../tests/runtime/test-containers.ts';
import { type Bench, type BenchMachine, type BenchRow, median } from './bench-row.ts';

const rounds = 20;
const idleContainers = 20;
const esbuild = path.resolve(
  import.meta.dirname,
  '../node_modules/@esbuild/wasi-preview1/esbuild.wasm',
);

/** From the call that starts a container to its guest's first output, and what an idle one holds. */
export const bench: Bench = {
  title: 'container start',
  async measure({ wasmtime }: BenchMachine): Promise<readonly BenchRow[]> {
    await using forked = new TestContainers('fork');
    await using executed = new TestContainers('exec');
    const small = forked.module('sleep', guests.sleep);
    const peer = wasmtime === undefined ? [] : [wasmtime];
    return [
      await startRow('first output, small module', forked, [small], peer, 10),
      await startRow('first output, small module, exec form', executed, [small], peer),
      await startRow('first output, esbuild.wasm', forked, [esbuild, '--version'], [], 100),
      await memoryRow(forked, small, peer),
    ];
  },
};

type Command = readonly [module: string, ...args: string[]];

async function startRow(
  what: string,
  containers: TestContainers,
  command: Command,
  peers: readonly string[],
  budget?: number,
): Promise<BenchRow> {
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let round = 0; round < rounds; round++) {
    ours.push(await firstOutput(containers, command));
    for (const wasmtime of peers) theirs.push(await firstOutputOfProcess(wasmtime, command));
  }
  return {
    what,
    unit: 'ms',
    krustlet: median(ours),
    peers: peers.length === 0 ? {} : { wasmtime: median(theirs) },
    ...(budget !== undefined && { budget }),
  };
}

async function firstOutput(containers: TestContainers, command: Command): Promise<number> {
  const [modulePath, ...args] = command;
  const container = containers.create({ modulePath, args: ['bench', ...args] });
  const start = performance.timeOrigin + performance.now();
  const { pid } = await containers.start(container);
  const [stamp = ''] = (await firstLine(container.spec.log.path)).split(' ');
  process.kill(pid, 'SIGKILL');
  await container.ended();
  const nanoseconds = Number(stamp.slice(20, 29));
  return Date.parse(`${stamp.slice(0, 19)}Z`) + nanoseconds / 1e6 - start;
}

async function firstLine(file: string): Promise<string> {
  for (let tries = 0; tries < 2_000; tries++) {
    const text = readFileSync(file, 'utf8');
    if (text.includes('\n')) return text;
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  throw new Error(`Cannot measure: nothing was written to '${file}'`);
}

async function firstOutputOfProcess(program: string, command: Command): Promise<number> {
  const start = performance.now();
  const child = spawn(program, ['run', ...command], { stdio: ['ignore', 'pipe', 'ignore'] });
  await once(child.stdout, 'data');
  const elapsed = performance.now() - start;
  child.kill('SIGKILL');
  await once(child, 'exit');
  return elapsed;
}

async function memoryRow(
  containers: TestContainers,
  modulePath: string,
  peers: readonly string[],
): Promise<BenchRow> {
  const form: StartForm = 'fork';
  const pids: number[] = [];
  for (let index = 0; index < idleContainers; index++) {
    const container = containers.create({ modulePath, start: form });
    pids.push((await containers.start(container)).pid);
    await firstLine(container.spec.log.path);
  }
  const theirs = await Promise.all(peers.map((wasmtime) => memoryOfProcess(wasmtime, modulePath)));
  return {
    what: `private memory of an idle container, of ${idleContainers}`,
    unit: 'kB',
    krustlet: median(pids.map(privateKilobytes)),
    peers: theirs[0] === undefined ? {} : { wasmtime: theirs[0] },
    budget: 1_000,
  };
}

async function memoryOfProcess(program: string, modulePath: string): Promise<number> {
  const child = spawn(program, ['run', modulePath], { stdio: ['ignore', 'pipe', 'ignore'] });
  await once(child.stdout, 'data');
  const memory = privateKilobytes(child.pid ?? 0);
  child.kill('SIGKILL');
  await once(child, 'exit');
  return memory;
}

function privateKilobytes(pid: number): number {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  return Number(/^Private_Dirty:\s+(\d+) kB$/m.exec(text)?.[1]);
}

import { execFileSync } from 'node:child_process';
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import wabt from 'wabt';
import { type Bench, type BenchMachine, type BenchRow, median } from './bench-row.ts';

const rounds = 3;
const krustlet = path.join(import.meta.dirname, '..', 'bin', 'krustlet.js');
const kernels = path.join(import.meta.dirname, 'kernels', '*.wat');

/**
 * Milliseconds that kernels take, measured by the guest around the kernel alone. All of it happens
 * in one call of one function, which is the worst case for an engine that begins with quick code.
 */
export const bench: Bench = {
  title: 'computation',
  async measure(machine: BenchMachine): Promise<readonly BenchRow[]> {
    const { parseWat } = await wabt();
    return globSync(kernels)
      .sort()
      .map((file) => {
        const name = path.basename(file, '.wat');
        const module = path.join(machine.scratch, `${name}.wasm`);
        writeFileSync(module, parseWat(name, readFileSync(file, 'utf8')).toBinary({}).buffer);
        return measureKernel(name, module, machine);
      });
  },
};

function measureKernel(
  name: string,
  module: string,
  { wasmtime, scratch }: BenchMachine,
): BenchRow {
  const dataDir = path.join(scratch, 'data');
  const commands = {
    krustlet: [process.execPath, krustlet, 'run', '--rm', '--data-dir', dataDir, module],
    ...(wasmtime !== undefined && { wasmtime: [wasmtime, 'run', module] }),
  };
  const taken: Record<string, number[]> = {};
  const results = new Set<number>();
  // They take turns, so that what else the machine does meets all alike.
  for (let round = 0; round < rounds; round += 1) {
    for (const [who, [program = '', ...args]] of Object.entries(commands)) {
      const output = execFileSync(program, args);
      taken[who] = [...(taken[who] ?? []), Number(output.readBigUInt64LE()) / 1e6];
      results.add(output.readUInt32LE(8));
    }
  }
  if (results.size !== 1) throw new Error(`the engines disagree on '${name}'`);
  const { krustlet: ours = [], ...others } = taken;
  const peers = Object.entries(others).map(([who, times]) => [who, median(times)] as const);
  const wasmtimes = others.wasmtime;
  return {
    what: `${name} kernel`,
    unit: 'ms',
    krustlet: median(ours),
    peers: Object.fromEntries(peers),
    ...(wasmtimes && { budget: median(wasmtimes) }),
  };
}

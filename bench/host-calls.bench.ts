import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import wabt from 'wabt';
import { type Bench, type BenchMachine, type BenchRow, median } from './bench-row.ts';
import { type HostCall, hostCallModule, hostCalls } from './host-calls/modules.ts';

const rounds = 5;

const node = [process.execPath, '--disable-warning=ExperimentalWarning'] as const;
const here = path.join(import.meta.dirname, 'host-calls');
const runPreview1 = path.join(import.meta.dirname, '..', 'scripts', 'run-preview1.ts');

/** What runs a module with a directory as `/`, each in a process of its own. */
function hosts({
  wasmtime,
}: BenchMachine): Record<string, (module: string, dir: string) => string[]> {
  return {
    krustlet: (module, dir) => [...node, runPreview1, '--dir', `${dir}::/`, module],
    'node:wasi': (module, dir) => [...node, path.join(here, 'run-node-wasi.ts'), dir, module],
    ...(wasmtime && {
      wasmtime: (module, dir) => [wasmtime, 'run', '--dir', `${dir}::/`, module],
    }),
  };
}

/** Nanoseconds of one host call, as the guest measures them around a loop of many. */
export const bench: Bench = {
  title: 'host calls',
  async measure(machine: BenchMachine): Promise<readonly BenchRow[]> {
    const { parseWat } = await wabt();
    return hostCalls.map((call) => {
      const module = path.join(machine.scratch, `${call.name}.wasm`);
      writeFileSync(module, parseWat(call.name, hostCallModule(call)).toBinary({}).buffer);
      return measureCall(call, module, machine);
    });
  },
};

/** Takes turns, so that what else the machine does meets all alike. */
function measureCall(call: HostCall, module: string, machine: BenchMachine): BenchRow {
  const measured: Record<string, number[]> = {};
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, command] of Object.entries(hosts(machine))) {
      const dir = path.join(machine.scratch, 'root');
      mkdirSync(dir);
      measured[name] ??= [];
      measured[name].push(nanosecondsPerCall(call, command(module, dir)));
      rmSync(dir, { recursive: true });
    }
  }
  const { krustlet = [], ...others } = measured;
  const peers = Object.entries(others).map(([name, values]) => [name, median(values)]);
  return {
    what: call.name,
    unit: 'ns',
    krustlet: median(krustlet),
    peers: Object.fromEntries(peers),
    ...(call.budget && { budget: call.budget }),
  };
}

function nanosecondsPerCall({ count }: HostCall, [program = '', ...args]: string[]): number {
  const output = execFileSync(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  return Number(output.readBigUInt64LE()) / count;
}

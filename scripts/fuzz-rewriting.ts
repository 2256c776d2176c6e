/**
 * Compares what programs do before and after their bytes were rewritten: with loops moved to functions
 * of their own, for resets, and both; and an instance that was reset with a new one.
 *
 *     npm run fuzz [-- --first SEED --seeds COUNT] [-- FOLDER…]
 *
 * The programs are random ones, or the modules in folders, which import nothing and come to an end, as
 * `wasm-tools smith --ensure-termination` makes them. Ends with 1 where two of them differ.
 */
import { hash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import wabt from 'wabt';
import { ComponentInstance } from '../src/wasi/component/link/component-instance.ts';
import { linkProgram } from '../src/wasi/component/link/program.ts';
import { ResetPoint } from '../src/wasi/component/pool/reset-point.ts';
import { dirtyMapExport, rewriteForReset } from '../src/wasi/component/rewrite/rewriter.ts';
import { StoringProgram } from '../src/wasi/component/rewrite/testing/storing-program.ts';
import { UnresettableModule } from '../src/wasi/component/rewrite/unresettable-module.ts';
import { testWorld } from '../src/wasi/component/testing/fixtures.ts';
import { outlineLoops } from '../src/wasi/hot-loops/outline-loops.ts';
import { RandomProgram } from '../src/wasi/hot-loops/testing/random-program.ts';

type Bytes = Uint8Array<ArrayBuffer>;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    first: { type: 'string', default: '1' },
    seeds: { type: 'string', default: '2000' },
  },
});
const { parseWat } = await wabt();
const numbers = [0, 5, 1000, -1, 65_536];
const counts = { programs: 0, outlined: 0, resettable: 0, outOfStack: 0, different: 0 };
for (const [name, bytes] of positionals.length > 0 ? modulesOf(positionals) : randomPrograms()) {
  if (!WebAssembly.validate(bytes)) continue;
  counts.programs++;
  compareAll(name, bytes);
}
console.log(JSON.stringify(counts));
process.exitCode = counts.different > 0 ? 1 : 0;

function* randomPrograms(): Generator<[string, Bytes]> {
  for (let left = Number(values.seeds), seed = Number(values.first); left > 0; left--, seed++) {
    for (const program of [new RandomProgram(seed), new StoringProgram(seed)]) {
      const parsed = parseWat('random.wat', program.wat(), { simd: true });
      yield [`${program.constructor.name} ${seed}`, Uint8Array.from(parsed.toBinary({}).buffer)];
      parsed.destroy();
    }
  }
}

function* modulesOf(folders: readonly string[]): Generator<[string, Bytes]> {
  for (const folder of folders) {
    for (const name of readdirSync(folder)) {
      yield [name, Uint8Array.from(readFileSync(path.join(folder, name)))];
    }
  }
}

function compareAll(name: string, bytes: Bytes): void {
  const outlined = outlineLoops(bytes);
  const resettable = forReset(bytes);
  const both = outlined && forReset(outlined);
  if (outlined !== undefined) counts.outlined++;
  if (resettable !== undefined) counts.resettable++;
  const visible = WebAssembly.Module.exports(new WebAssembly.Module(bytes)).map(
    (item) => item.name,
  );
  const expected = observe(newExports(bytes), visible);
  if (expected.includes('call stack')) {
    counts.outOfStack++;
    return;
  }
  for (const [how, rewritten] of Object.entries({ outlined, resettable, both })) {
    if (rewritten === undefined) continue;
    check(name, how, expected, observe(newExports(rewritten), visible));
    if (how !== 'outlined') checkReset(`${name}, ${how}`, rewritten, expected, visible);
  }
}

function check(name: string, how: string, expected: string, observed: string): void {
  if (observed === expected) return;
  counts.different++;
  console.log(`${name}, ${how}:\n  ${expected.slice(0, 2000)}\n  ${observed.slice(0, 2000)}`);
}

/** An instance that traps is not used again; all others are as new after a reset. */
function checkReset(name: string, bytes: Bytes, expected: string, visible: string[]): void {
  const plan = { instances: [{ module: 0, imports: [] }], scopes: [], exports: [] };
  const modules = new Map([[0, new WebAssembly.Module(bytes)]]);
  let instance: ComponentInstance;
  try {
    instance = new ComponentInstance(
      linkProgram({ plan, modules, resettable: true }, []),
      testWorld(),
      'block',
    );
  } catch {
    return; // its start function traps, which was compared
  }
  const exports = instance.coreInstances[0]?.exports ?? {};
  // A store that traps leaves its mark beyond the end.
  const items = Object.entries(exports).filter(([name]) => name !== dirtyMapExport);
  const initial = stateOfAll(items);
  const resetPoint = new ResetPoint(instance);
  if (!resetPoint.isExact) return;
  check(name, 'new', expected, observe(exports, visible));
  if (!resetPoint.restore()) return;
  check(name, 'reset', initial, stateOfAll(items));
  // What is beyond the end is there, and zero, once an earlier call has grown the memory.
  if (expected.includes('out of bounds')) return;
  check(name, 'called after a reset', expected, observe(exports, visible));
}

function forReset(bytes: Bytes): Bytes | undefined {
  try {
    return rewriteForReset(bytes, { virtualGrowth: true });
  } catch (error) {
    if (error instanceof UnresettableModule) return undefined;
    throw error;
  }
}

function newExports(bytes: Bytes): WebAssembly.Exports {
  try {
    return new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports;
  } catch (error) {
    return { trap: () => String(error) };
  }
}

/** Calls all functions, some times, and describes what they answer, and what is in memories and globals then. */
function observe(exports: WebAssembly.Exports, visible: readonly string[]): string {
  const items = Object.entries(exports).filter(
    ([name]) => visible.includes(name) || name === 'trap',
  );
  const seen: unknown[] = [];
  for (let round = 0; round < 3; round++) {
    for (const [name, item] of items) {
      if (typeof item === 'function') seen.push(name, call(item, round));
    }
  }
  return toText(seen) + stateOfAll(items);
}

function stateOfAll(items: readonly (readonly [string, unknown])[]): string {
  return toText(items.map(([name, item]) => [name, stateOf(item)]));
}

function toText(seen: unknown): string {
  return JSON.stringify(seen, (_, value) => (typeof value === 'bigint' ? `${value}n` : value));
}

/** Parameters may be numbers of either kind; the wrong ones are answered by a TypeError. */
function call(item: CallableFunction, round: number): unknown[] {
  const parameters = Array.from({ length: item.length }, (_, at) => numbers[(at + round) % 5] ?? 0);
  return [parameters, parameters.map(BigInt)].map((given) => {
    try {
      return describe(item(...given));
    } catch (error) {
      return error instanceof Error ? error.message : 'an exception';
    }
  });
}

function describe(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(describe);
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : String(value);
  return typeof value === 'bigint' ? value : typeof value;
}

/** What is in a memory, but for what it has grown by and nobody has written to. */
function stateOf(item: unknown): unknown {
  if (item instanceof WebAssembly.Memory) {
    const bytes = Buffer.from(item.buffer);
    return hash('sha256', bytes.subarray(0, bytes.findLastIndex((byte) => byte !== 0) + 1));
  }
  if (!(item instanceof WebAssembly.Global)) return undefined;
  try {
    return describe(item.value);
  } catch {
    return 'of a type that JavaScript does not know';
  }
}

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import wabt from 'wabt';
import { ComponentInstance } from '../link/component-instance.ts';
import type { CoreItem, PlannedImport } from '../link/link-plan.ts';
import { linkProgram } from '../link/program.ts';
import { rewriteForReset } from '../rewrite/rewriter.ts';
import { testWorld } from '../testing/fixtures.ts';
import { ResetPoint } from './reset-point.ts';

const { parseWat } = await wabt();

function compile(wat: string): WebAssembly.Module {
  const parsed = parseWat('guest.wat', wat, {});
  const bytes = Uint8Array.from(parsed.toBinary({}).buffer);
  parsed.destroy();
  return new WebAssembly.Module(rewriteForReset(bytes, { virtualGrowth: true }));
}

function from(instance: number, name: string): CoreItem {
  return { kind: 'core', instance, name };
}

/** One makes a memory, the next exports it again, and the last has it of that one. */
const guests = [
  '(module (memory (export "mem") 2))',
  '(module (import "a" "mem" (memory 2)) (export "memory" (memory 0)))',
  `(module (import "b" "memory" (memory 2))
    (func (export "store") (param i32) (i32.store (local.get 0) (i32.const -1))))`,
];
const imports: readonly (readonly PlannedImport[])[] = [
  [],
  [{ module: 'a', name: 'mem', source: from(0, 'mem') }],
  [{ module: 'b', name: 'memory', source: from(1, 'memory') }],
];

describe('ResetPoint, of a memory that several modules have', () => {
  const plan = {
    instances: guests.map((_, module) => ({ module, imports: imports[module] ?? [] })),
    scopes: [{ memory: from(1, 'memory'), realloc: undefined }],
    exports: [
      {
        interface: 'test',
        function: 'store',
        core: from(2, 'store'),
        scope: 0,
        postReturn: undefined,
        abi: { kind: 'sync' },
      },
    ],
  } as const;
  const modules = new Map(guests.map((wat, module) => [module, compile(wat)]));
  const program = linkProgram({ plan, modules, resettable: true }, []);

  it('restores what the host has written, and a guest, by whatever name they have it', () => {
    const instance = new ComponentInstance(program, testWorld(), 'block');
    const resetPoint = new ResetPoint(instance);
    const { memory } = instance.guestOf('test', 'store');
    memory.write(5000, Buffer.from('secret'));
    (instance.exported('test', 'store') as (address: number) => void)(70_000);
    assert.equal(memory.slice(5000, 6).toString(), 'secret');
    assert.ok(resetPoint.restore());
    assert.ok(memory.slice(0, 2 * 65536).every((byte) => byte === 0));
  });
});

describe('ResetPoint, of the largest memory', () => {
  it('restores it to its end', () => {
    const plan = { instances: [{ module: 0, imports: [] }], scopes: [], exports: [] };
    const wat = `(module (memory (export "memory") 65536)
      (func (export "store") (param i32) (i32.store (local.get 0) (i32.const -1))))`;
    const program = linkProgram(
      { plan, modules: new Map([[0, compile(wat)]]), resettable: true },
      [],
    );
    const instance = new ComponentInstance(program, testWorld(), 'block');
    const exports = instance.coreInstances[0]?.exports;
    const { store, memory } = exports as {
      store(address: number): void;
      memory: WebAssembly.Memory;
    };
    const resetPoint = new ResetPoint(instance);
    for (const address of [5000, -4]) store(address);
    assert.ok(resetPoint.restore());
    const view = new DataView(memory.buffer);
    assert.deepEqual([view.getInt32(5000), view.getInt32(2 ** 32 - 4)], [0, 0]);
  });
});

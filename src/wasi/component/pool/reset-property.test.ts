import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import wabt from 'wabt';
import { RandomProgram } from '../../hot-loops/testing/random-program.ts';
import { ComponentInstance } from '../link/component-instance.ts';
import { linkProgram } from '../link/program.ts';
import { rewriteForReset } from '../rewrite/rewriter.ts';
import { testWorld } from '../testing/fixtures.ts';
import { ResetPoint } from './reset-point.ts';

const { parseWat } = await wabt();

/**
 * Guests that do what they are told, (operation, address, value), to memory, globals and its size.
 * The second starts with contents and a start function; the third with a memory that cannot grow.
 */
const body = `
  (global $a (mut i32) (i32.const 3)) (global $b (mut i64) (i64.const -5)) (global $c (mut f64) (f64.const 0.5))
  (table (export "table") 2 funcref) (elem (i32.const 0) $run $run)
  (func $run (export "run") (param $operation i32) (param $address i32) (param $value i32)
    (if (i32.eq (local.get $operation) (i32.const 0)) (then
      (i32.store offset=3 (local.get $address) (local.get $value))))
    (if (i32.eq (local.get $operation) (i32.const 1)) (then
      (v128.store (local.get $address) (i32x4.splat (local.get $value)))))
    (if (i32.eq (local.get $operation) (i32.const 2)) (then
      (memory.fill (local.get $address) (local.get $value) (i32.const 9000))))
    (if (i32.eq (local.get $operation) (i32.const 3)) (then
      (memory.copy (local.get $address) (i32.const 100) (i32.const 5000))))
    (if (i32.eq (local.get $operation) (i32.const 4)) (then
      (global.set $a (local.get $value)) (global.set $b (i64.extend_i32_s (local.get $address)))
      (global.set $c (f64.convert_i32_s (local.get $value)))))
    (if (i32.eq (local.get $operation) (i32.const 5)) (then
      (drop (memory.grow (i32.const 1)))
      (i64.store (i32.sub (i32.shl (memory.size) (i32.const 16)) (i32.const 8)) (i64.const -1))))
    (if (i32.eq (local.get $operation) (i32.const 6)) (then
      (i64.store16 (local.get $address) (i64.const -1)) (i32.store8 offset=4095 (local.get $address) (local.get $value)))))
  (func (export "size") (result i32) (memory.size))`;

const modules = {
  empty: `(module (memory (export "memory") 2 20) ${body})`,
  filled: `(module (memory (export "memory") 2 20) (data (i32.const 4090) "across a border") ${body}
    (func $start (i32.store (i32.const 70000) (i32.const 99))) (start $start))`,
  fixed: `(module (memory (export "memory") 2 2) (data (i32.const 0) "x") ${body})`,
};

function compile(wat: string): Uint8Array<ArrayBuffer> {
  const parsed = parseWat('guest.wat', wat, { simd: true, bulk_memory: true, multi_value: true });
  try {
    return Uint8Array.from(parsed.toBinary({}).buffer);
  } finally {
    parsed.destroy();
  }
}

function make(wat: string): ComponentInstance {
  const bytes = rewriteForReset(compile(wat), { virtualGrowth: true });
  const plan = { instances: [{ module: 0, imports: [] }], scopes: [], exports: [] };
  const modules = new Map([[0, new WebAssembly.Module(bytes)]]);
  const program = linkProgram({ plan, modules, resettable: true }, []);
  return new ComponentInstance(program, testWorld(), 'block');
}

function exportsOf(instance: ComponentInstance) {
  const exports = instance.coreInstances[0]?.exports;
  assert.ok(exports);
  const { run, size, memory } = exports;
  assert.ok(typeof run === 'function' && typeof size === 'function');
  assert.ok(memory instanceof WebAssembly.Memory);
  const globals = Object.values(exports).filter((value) => value instanceof WebAssembly.Global);
  return { run, size, memory, globals: () => globals.map((global) => global.value) };
}

describe('ResetPoint, after work at random', () => {
  for (const [name, wat] of Object.entries(modules)) {
    it(`leaves nothing behind in the guest '${name}'`, () => {
      const fresh = exportsOf(make(wat));
      const instance = make(wat);
      const used = exportsOf(instance);
      const resetPoint = new ResetPoint(instance);
      let state = name.length;
      const random = (bound: number) => {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        return Math.floor((state / 2 ** 32) * bound);
      };
      for (let round = 0; round < 400; round++) {
        for (let step = random(6); step >= 0; step--) {
          used.run(random(7), random(2 * 65536 - 9001), random(256));
        }
        assert.ok(resetPoint.restore());
        assert.deepEqual(used.globals(), fresh.globals(), `round ${round}`);
        assert.equal(used.size(), fresh.size());
        const now = Buffer.from(used.memory.buffer);
        const then = Buffer.from(fresh.memory.buffer);
        assert.ok(now.subarray(0, then.length).equals(then), `round ${round}`);
        assert.ok(
          now.subarray(then.length).every((byte) => byte === 0),
          `round ${round}`,
        );
      }
    });
  }
});

const programs = 40;

/** What the exported function answers, or why it traps. */
function outcomeOf({ f }: WebAssembly.Exports, value: number): unknown {
  assert.ok(typeof f === 'function');
  try {
    return f(value);
  } catch (error) {
    assert.ok(error instanceof WebAssembly.RuntimeError);
    return error.message;
  }
}

function contentsOf({ memory }: WebAssembly.Exports): Buffer {
  assert.ok(memory instanceof WebAssembly.Memory);
  return Buffer.from(new Uint8Array(memory.buffer));
}

describe('ResetPoint, after programs at random', () => {
  it('leaves nothing behind, and they do what they always did', () => {
    for (let seed = 0; seed < programs; seed++) {
      const wat = new RandomProgram(seed).wat();
      const plain = new WebAssembly.Instance(new WebAssembly.Module(compile(wat))).exports;
      const instance = make(wat);
      const exports = instance.coreInstances[0]?.exports ?? {};
      const resetPoint = new ResetPoint(instance);
      const before = contentsOf(exports);
      const outcome = outcomeOf(plain, seed);
      for (let round = 0; round < 2; round++) {
        assert.equal(outcomeOf(exports, seed), outcome, `program ${seed}`);
        assertBegins(contentsOf(exports), contentsOf(plain));
        assert.ok(resetPoint.restore());
        assertBegins(contentsOf(exports), before);
      }
    }
  });
});

/** A memory may have grown: there are zeroes then. */
function assertBegins(memory: Buffer, beginning: Buffer): void {
  assert.ok(memory.subarray(0, beginning.length).equals(beginning));
  assert.ok(memory.subarray(beginning.length).every((byte) => byte === 0));
}

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { describe, it } from 'node:test';
import wabt from 'wabt';
import { ByteWriter } from '../component/rewrite/byte-writer.ts';
import { writeSection } from '../component/rewrite/section-writer.ts';
import { outlineLoops } from './outline-loops.ts';
import { RandomProgram } from './testing/random-program.ts';

const { parseWat } = await wabt();

function compile(wat: string): Uint8Array<ArrayBuffer> {
  const parsed = parseWat('test.wat', wat, {
    multi_value: true,
    simd: true,
    exceptions: true,
    memory64: true,
  });
  try {
    return Uint8Array.from(parsed.toBinary({}).buffer);
  } finally {
    parsed.destroy();
  }
}

function run(bytes: Uint8Array<ArrayBuffer>, parameters: readonly unknown[]): unknown {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes));
  const { f } = exports;
  assert.ok(typeof f === 'function');
  try {
    return f(...parameters);
  } catch (error) {
    return error instanceof WebAssembly.RuntimeError ? error.message : error;
  }
}

/** A module of one function without locals, which is exported as `_start`. */
function moduleOf(...code: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  return moduleOfMany(1, Uint8Array.of(0), ...code);
}

/** A module of functions that are all alike, of which the first is exported as `_start`. */
function moduleOfMany(count: number, ...code: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const out = new ByteWriter();
  out.bytes([0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);
  writeSection(out, 1, () => out.bytes([1, 0x60, 0, 0]));
  writeSection(out, 3, () => {
    out.u32(count);
    out.bytes(new Uint8Array(count));
  });
  writeSection(out, 7, () => {
    out.byte(1);
    out.name('_start');
    out.bytes([0, 0]);
  });
  writeSection(out, 10, () => {
    out.u32(count);
    for (let each = 0; each < count; each++) {
      out.sized(() => {
        for (const part of code) out.bytes(part);
        out.byte(0x0b);
      });
    }
  });
  const bytes = out.result();
  assert.ok(WebAssembly.validate(bytes));
  return bytes;
}

const times = (count: number, ...bytes: number[]) =>
  Uint8Array.from({ length: count * bytes.length }, (_, index) => bytes[index % bytes.length] ?? 0);

/** A loop of $n rounds with another in it, and `inner` in that. */
function nest(head: string, inner: string, after = ''): string {
  return `(module (global $g (mut i32) (i32.const 0))
    (func (export "f") ${head}
      (local $i i32) (local $j i32) (local $s i32)
      (loop $outer
        (local.set $j (i32.const 0))
        (loop $inner
          (local.set $s (i32.add (i32.mul (local.get $s) (i32.const 31)) (local.get $j)))
          ${inner}
          (br_if $inner (i32.lt_u
            (local.tee $j (i32.add (local.get $j) (i32.const 1))) (i32.const 3))))
        (br_if $outer (i32.lt_u
          (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
      ${after}))`;
}

const counted = '(param $n i32) (result i32)';
const at = (round: number) =>
  `(i32.and (i32.eq (local.get $i) (i32.const ${round})) (i32.eq (local.get $j) (i32.const 1)))`;
const sum = '(local.get $s)';

const programs: readonly (readonly [what: string, wat: string])[] = [
  ['ends by itself', nest(counted, '', sum)],
  [
    'returns a value from within',
    nest(counted, `(if ${at(20)} (then (return (i32.const 7))))`, sum),
  ],
  [
    'leaves to a block around it',
    `(module (func (export "f") ${counted} (local $i i32) (local $j i32) (local $s i32)
      (block $far (block $near
        (loop $outer
          (local.set $j (i32.const 0))
          (loop $inner
            (br_if $near (i32.eq (local.get $i) (i32.const 40)))
            (br_if $far (i32.eq (local.get $i) (i32.const 13)))
            (local.set $s (i32.add (local.get $s) (local.get $i)))
            (br_if $inner (i32.lt_u
              (local.tee $j (i32.add (local.get $j) (i32.const 1))) (i32.const 3))))
          (local.set $i (i32.add (local.get $i) (i32.const 1)))
          (br_if $outer (i32.lt_u (local.get $i) (local.get $n))))
        (return (i32.const -1)))
        (return (i32.const -2)))
      (local.get $s)))`,
  ],
  [
    'leaves by a table',
    `(module (func (export "f") ${counted} (local $i i32) (local $j i32)
      (block $a (block $b
        (loop $outer
          (local.set $j (i32.const 0))
          (loop $inner
            (local.set $j (i32.add (local.get $j) (i32.const 1)))
            (block $c
              (br_table $inner $c $b $a $outer $c
                (i32.sub (local.get $j) (i32.mul (i32.lt_u (local.get $i) (local.get $n)) (i32.const 1))))))
          (local.set $i (i32.add (local.get $i) (i32.const 1)))
          (br_if $outer (i32.lt_u (local.get $i) (local.get $n)))
          (br $b)))
        (return (i32.add (i32.const 1000) (local.get $i))))
      (local.get $i)))`,
  ],
  [
    'has results',
    `(module (func (export "f") ${counted} (local $i i32) (local $j i32)
      (i32.add (i32.const 5)
        (loop $outer (result i32)
          (local.set $j (i32.const 0))
          (loop $inner
            (br_if $inner (i32.lt_u
              (local.tee $j (i32.add (local.get $j) (i32.const 1))) (i32.const 3))))
          (br_if $outer (i32.lt_u
            (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n)))
          (i32.mul (local.get $i) (local.get $j))))))`,
  ],
  ['never ends but by a trap', nest(counted, `(if ${at(30)} (then (unreachable)))`, sum)],
  [
    'uses locals of all types',
    `(module (func (export "f") (param $n i32) (result i64 f32 f64)
      (local $i i32) (local $j i32) (local $a i64) (local $b f32) (local $c f64)
      (loop $outer
        (local.set $j (i32.const 0))
        (loop $inner
          (local.set $a (i64.add (local.get $a) (i64.extend_i32_u (local.get $j))))
          (local.set $b (f32.add (local.get $b) (f32.const 0.5)))
          (local.set $c (f64.sub (local.get $c) (f64.const 0.25)))
          (br_if $inner (i32.lt_u
            (local.tee $j (i32.add (local.get $j) (i32.const 1))) (i32.const 3))))
        (br_if $outer (i32.lt_u
          (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
      (local.get $a) (local.get $b) (local.get $c)))`,
  ],
];

describe('outlineLoops', () => {
  for (const [what, wat] of programs) {
    it(`keeps what a loop does that ${what}`, () => {
      const bytes = compile(wat);
      const outlined = outlineLoops(bytes);
      assert.ok(outlined !== undefined);
      for (const rounds of [0, 1, 2, 7, 8, 9, 16, 17, 31, 100]) {
        assert.deepEqual(run(outlined, [rounds]), run(bytes, [rounds]), `${rounds} rounds`);
      }
    });
  }

  it('keeps what random programs do', () => {
    for (let seed = 1; seed <= 75; seed++) {
      const bytes = compile(new RandomProgram(seed).wat());
      const outlined = outlineLoops(bytes);
      if (outlined === undefined) continue;
      for (const parameter of [0, 5, 1000]) {
        assert.deepEqual(run(outlined, [parameter]), run(bytes, [parameter]), `seed ${seed}`);
      }
    }
  });

  it('moves a single loop where it is run once', () => {
    const loop = `(local $i i32) (loop $l (br_if $l (i32.lt_u
      (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 9))))`;
    assert.ok(outlineLoops(compile(`(module (func (export "_start") ${loop}))`)));
    assert.equal(outlineLoops(compile(`(module (func (export "f") ${loop}))`)), undefined);
    const called = (calls: string) =>
      outlineLoops(compile(`(module (func $f ${loop}) (func (export "_start") ${calls}))`));
    assert.ok(called('(call $f)'));
    assert.equal(called('(call $f) (call $f)'), undefined);
    assert.equal(called(''), undefined);
  });

  it('leaves alone what it cannot move', () => {
    for (const wat of [
      '(module)',
      '(module (func (export "_start")))',
      `(module (tag $t) (func (export "f") (loop $a (loop $b
        (try (do (br $a)) (catch $t (br $b)))))))`,
    ]) {
      assert.equal(outlineLoops(compile(wat)), undefined);
    }
  });

  it('copies an address of 64 bits', () => {
    const bytes = compile(`(module (memory i64 1) (func (export "f") (param i32) (result i32)
      (loop $a (loop $b)) (i32.load offset=0x100000000 (i64.const 0))))`);
    const outlined = outlineLoops(bytes);
    assert.ok(outlined !== undefined);
    assert.equal(run(outlined, [0]), run(bytes, [0]));
  });

  it('leaves a function alone that has a block of a type of more bytes', () => {
    // block (result (ref null func)), whose second byte is an instruction as well
    const block = Uint8Array.of(0x02, 0x63, 0x70, 0xd0, 0x70, 0x0b, 0x1a);
    assert.equal(outlineLoops(moduleOf(times(1, 0x03, 0x40, 0x0b), block)), undefined);
  });

  it('leaves a loop alone that has more results than a call is worth', () => {
    const withResults = (count: number) =>
      outlineLoops(
        compile(`(module (func (export "f") (result ${'i32 '.repeat(count)})
          (loop (result ${'i32 '.repeat(count)}) (loop) unreachable)))`),
      );
    assert.ok(withResults(40));
    assert.equal(withResults(41), undefined);
  });

  it('leaves a function alone that calls itself, which would have less of the stack', () => {
    const loops = (callee: string) =>
      `(loop (loop (if (local.get 0) (then (call ${callee} (i32.const 0))))))`;
    const functions = (callee: string) =>
      outlineLoops(
        compile(`(module (func $f (export "f") (param i32) ${loops(callee)})
          (func $g (param i32) (call $f (i32.const 0))) (func $h (param i32)))`),
      );
    assert.equal(functions('$f'), undefined);
    assert.equal(functions('$g'), undefined);
    assert.ok(functions('$h'));
  });

  it('reads loops in loops of any depth', () => {
    const depth = 50_000;
    const bytes = moduleOf(times(depth, 0x03, 0x40), times(depth, 0x0b));
    const outlined = outlineLoops(bytes);
    assert.ok(outlined !== undefined && outlined.length < 5 * bytes.length);
  });

  it('does not make many times as much of a module', () => {
    const bytes = moduleOf(times(20_000, 0x03, 0x40, 0x03, 0x40, 0x0b, 0x0b));
    assert.equal(outlineLoops(bytes), undefined);
  });

  it('leaves a module alone whose code takes too much memory to be read', () => {
    const loops = Uint8Array.of(0x03, 0x40, 0x03, 0x40, 0x0b, 0x0b);
    const nops = new Uint8Array(6 * 1024 * 1024).fill(0x01);
    const outlined = (count: number) =>
      outlineLoops(moduleOfMany(count, Uint8Array.of(0), loops, nops));
    assert.ok(outlined(2));
    assert.equal(outlined(3), undefined);
  });

  it('takes no room for locals that are only declared', () => {
    // Six bytes each: one group, of 1000 times i32
    const bytes = moduleOfMany(35_000, Uint8Array.of(1, 0xe8, 0x07, 0x7f));
    const outline = `import { outlineLoops } from '${import.meta.resolve('./outline-loops.ts')}';
      import { readFileSync } from 'node:fs';
      console.log(outlineLoops(readFileSync(0)));`;
    const flags = ['--max-old-space-size=64', '--input-type=module', '--eval', outline];
    const answer = spawnSync(process.execPath, flags, { input: bytes, encoding: 'utf8' });
    assert.equal(answer.stdout, 'undefined\n');
  });

  it('makes a large program no invalid one', () => {
    const program = createRequire(import.meta.url).resolve('@esbuild/wasi-preview1/esbuild.wasm');
    const outlined = outlineLoops(readFileSync(program));
    assert.ok(outlined !== undefined && WebAssembly.validate(outlined));
  });
});

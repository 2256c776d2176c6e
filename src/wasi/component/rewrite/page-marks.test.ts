import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import wabt from 'wabt';
import { dirtyPageBits } from './mark-page.ts';
import { pageMargin } from './page-marks.ts';
import { dirtyMapExport, rewriteForReset } from './rewriter.ts';
import { StoringProgram } from './testing/storing-program.ts';

const { parseWat } = await wabt();
const pageSize = 1 << dirtyPageBits;
const programs = 300;

describe('PageMarks', () => {
  it('leave nothing out that programs at random write', () => {
    for (let seed = 0; seed < programs; seed++) {
      const wat = new StoringProgram(seed).wat();
      assert.equal(firstUnmarked(wat, seed), -1, `program ${seed}`);
    }
  });

  it('count in loops only where they are set in them', () => {
    for (const before of ['', '(block)', '(loop)', '(if (local.get $p) (then) (else))']) {
      const wat = `(module (memory (export "memory") 33) (func (export "f") (param $p i32)
        (i32.store (local.get $p) (i32.const -1))
        (loop $again
          ${before}
          (i32.store (local.get $p) (i32.const -1))
          (local.set $p (i32.add (local.get $p) (i32.const 4096)))
          (br_if $again (i32.lt_u (local.get $p) (i32.const 40000))))))`;
      assert.equal(firstUnmarked(wat, 0), -1, before);
    }
  });

  it('reach as far as their margins', () => {
    const instructions = { 'i32.store8': 1, 'i64.store': 8 };
    for (const [instruction, size] of Object.entries(instructions)) {
      for (const distance of [-257, -256, -255, 247, 248, 249, 250, 254, 255, 256]) {
        const [mark, other] = [1000, 1000 + distance];
        const value = `(${instruction.slice(0, 3)}.const -1)`;
        const wat = `(module (memory (export "memory") 33) (func (export "f") (param $p i32)
          (i32.store8 offset=${mark} (local.get $p) (i32.const -1))
          (${instruction} offset=${other} (local.get $p) ${value})))`;
        for (const byte of [2 * pageSize, 3 * pageSize - 1]) {
          const what = `${instruction} of ${size} bytes, ${distance} from byte ${byte}`;
          assert.equal(firstUnmarked(wat, byte - mark), -1, what);
        }
      }
    }
  });
});

const zeroes = Buffer.alloc(33 * 65536);

/** The first byte that a program has written to outside of marked pages and their margins, or -1. */
function firstUnmarked(wat: string, value: number): number {
  const parsed = parseWat('test.wat', wat, { simd: true });
  const bytes = rewriteForReset(parsed.toBinary({}).buffer, { virtualGrowth: true });
  parsed.destroy();
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes));
  const { f, memory, [dirtyMapExport]: map } = exports;
  assert.ok(memory instanceof WebAssembly.Memory && map instanceof WebAssembly.Memory);
  (f as (value: number) => void)(value);
  const contents = Buffer.from(memory.buffer);
  const marks = Buffer.from(map.buffer, 0, contents.length / pageSize);
  for (let page = marks.indexOf(1); page >= 0; page = marks.indexOf(1, page + 1)) {
    const [start, end] = [page * pageSize - pageMargin, (page + 1) * pageSize + pageMargin];
    contents.fill(0, Math.max(0, start), Math.min(end, contents.length));
  }
  return contents.equals(zeroes) ? -1 : contents.findIndex((byte) => byte !== 0);
}

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import wabt from 'wabt';
import { dirtyMapExport, globalExportPrefix, pagesExport, rewriteForReset } from './rewriter.ts';
import { UnresettableModule } from './unresettable-module.ts';

const { parseWat } = await wabt();

function compile(wat: string): Uint8Array<ArrayBuffer> {
  using module = disposable(parseWat('test.wat', wat, { simd: true, bulk_memory: true }));
  return Uint8Array.from(module.value.toBinary({}).buffer);
}

function disposable<T extends { destroy(): void }>(value: T) {
  return { value, [Symbol.dispose]: () => value.destroy() };
}

/** `fill` and `copy` of three numbers. */
const bulk = `(module (memory (export "m") 4)
  (func (export "fill") (param i32 i32 i32) (memory.fill (local.get 0) (local.get 1) (local.get 2)))
  (func (export "copy") (param i32 i32 i32) (memory.copy (local.get 0) (local.get 1) (local.get 2))))`;

function rewritten(wat: string): Uint8Array<ArrayBuffer> {
  return rewriteForReset(compile(wat), { virtualGrowth: true });
}

function instantiate(
  wat: string,
  make: (wat: string) => Uint8Array<ArrayBuffer> = rewritten,
): Record<string, (...values: unknown[]) => unknown> & WebAssembly.Exports {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(make(wat)));
  return exports as Record<string, (...values: unknown[]) => unknown> & WebAssembly.Exports;
}

function dirtyPages(exports: WebAssembly.Exports): number[] {
  const map = exports[dirtyMapExport];
  assert.ok(map instanceof WebAssembly.Memory);
  const pages: number[] = [];
  for (const [page, dirty] of new Uint8Array(map.buffer).entries())
    if (dirty === 1) pages.push(page);
  return pages;
}

const lane = 'v128.const i64x2 1 1';

describe('rewriteForReset', () => {
  const stores: readonly (readonly [instruction: string, value: string, size: number])[] = [
    ['i32.store', 'i32.const 1', 4],
    ['i64.store', 'i64.const 1', 8],
    ['f32.store', 'f32.const 1', 4],
    ['f64.store', 'f64.const 1', 8],
    ['i32.store8', 'i32.const 1', 1],
    ['i32.store16', 'i32.const 1', 2],
    ['i64.store8', 'i64.const 1', 1],
    ['i64.store16', 'i64.const 1', 2],
    ['i64.store32', 'i64.const 1', 4],
    ['v128.store', lane, 16],
    ['v128.store8_lane', lane, 1],
    ['v128.store16_lane', lane, 2],
    ['v128.store32_lane', lane, 4],
    ['v128.store64_lane', lane, 8],
  ];
  for (const [instruction, value, size] of stores) {
    const immediate = instruction.endsWith('_lane') ? ' 0' : '';
    const exports = () =>
      instantiate(`(module (memory (export "m") 4) (func (export "f") (param i32)
        (${instruction} offset=4096${immediate} (local.get 0) (${value}))))`);

    it(`marks the page of ${instruction} and changes it as before`, () => {
      const instance = exports();
      instance.f?.(5 * 4096);
      assert.deepEqual(dirtyPages(instance), [6]);
      assert.ok(new Uint8Array((instance.m as WebAssembly.Memory).buffer).some((byte) => byte > 0));
    });

    if (size > 1) {
      it(`marks the first page of ${instruction} across a border`, () => {
        const instance = exports();
        instance.f?.(6 * 4096 - 1);
        assert.deepEqual(dirtyPages(instance), [6]);
      });
    }

    it(`lets ${instruction} out of bounds trap`, () => {
      const instance = exports();
      assert.throws(() => instance.f?.(4 * 65536 - 4096), WebAssembly.RuntimeError);
      assert.throws(() => instance.f?.(-1), WebAssembly.RuntimeError);
    });
  }

  it('marks the ranges of memory.fill and memory.copy, and none for no bytes', () => {
    const instance = instantiate(bulk);
    instance.fill?.(4096, 9, 0);
    instance.copy?.(4096, 0, 0);
    assert.deepEqual(dirtyPages(instance), []);
    instance.fill?.(4090, 9, 40);
    instance.copy?.(3 * 4096 + 1, 0, 8192);
    instance.copy?.(8 * 4096 + 1, 0, 32);
    assert.deepEqual(dirtyPages(instance), [0, 1, 3, 4, 5, 8]);
  });

  it('does what memory.fill and memory.copy do with few bytes and with many', () => {
    const [changed, plain] = [instantiate(bulk), instantiate(bulk, compile)];
    const contents = (exports: WebAssembly.Exports) =>
      Buffer.from((exports['m'] as WebAssembly.Memory).buffer, 0, 512);
    for (let length = 0; length <= 40; length++) {
      for (const distance of [-33, -16, -9, -8, -7, -3, -1, 0, 1, 2, 5, 8, 15, 17, 40]) {
        for (const { fill, copy } of [changed, plain]) {
          for (let byte = 0; byte < 256; byte++) fill?.(byte, byte * 7 + length, 1);
          copy?.(100, 100 + distance, length);
          fill?.(200, 0x1234_56a0 + length, length);
        }
        assert.deepEqual(contents(changed), contents(plain), `${length} bytes from ${distance}`);
      }
    }
  });

  it('traps where memory.fill and memory.copy do, before anything is written', () => {
    const end = 4 * 65536;
    for (const bytes of [1, 2, 3, 4, 7, 8, 15, 16, 31, 32, 33, 5000]) {
      const instance = instantiate(bulk);
      const memory = Buffer.from((instance['m'] as WebAssembly.Memory).buffer);
      const trap = (call: () => unknown) => assert.throws(call, WebAssembly.RuntimeError);
      for (const at of [end - bytes + 1, end, -1, -bytes, 2 ** 31]) {
        trap(() => instance.fill?.(at, 9, bytes));
        trap(() => instance.copy?.(at, 0, bytes));
        trap(() => instance.copy?.(0, at, bytes));
      }
      assert.ok(memory.every((byte) => byte === 0));
      instance.fill?.(end - bytes, 9, bytes);
      instance.copy?.(0, end - bytes, bytes);
      assert.ok(memory.subarray(0, bytes).every((byte) => byte === 9));
      assert.equal(memory[bytes], 0);
    }
  });

  it('exports mutable globals, and only those', () => {
    const instance = instantiate(`(module (memory 1)
      (global i32 (i32.const 1)) (global $a (mut i32) (i32.const 2)) (global (mut f64) (f64.const 3)))`);
    const globals = Object.keys(instance).filter((name) => name.startsWith(globalExportPrefix));
    assert.deepEqual(globals, [`${globalExportPrefix}1`, `${globalExportPrefix}2`, pagesExport]);
  });

  it('grows a size that can be taken back', () => {
    const instance = instantiate(`(module (memory (export "m") 1 3)
      (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
      (func (export "size") (result i32) (memory.size)))`);
    const pages = instance[pagesExport];
    assert.ok(pages instanceof WebAssembly.Global);
    assert.equal(instance.grow?.(1), 1);
    assert.equal(instance.size?.(), 2);
    pages.value = 1;
    assert.equal(instance.size?.(), 1);
    assert.equal(instance.grow?.(2), 1);
    assert.equal(instance.grow?.(1), -1);
    assert.equal(instance.grow?.(-1), -1);
    assert.equal(instance.size?.(), 3);
    assert.equal((instance.m as WebAssembly.Memory).buffer.byteLength, 3 * 65536);
  });

  it('finds stores in blocks whose type is a reference of several bytes', () => {
    // (type 0 to 14 (func)) (memory 1) (func (export "f") (param i32)
    //   (drop (block (result (ref null 14))
    //     (i32.store (local.get 0) (i32.const 1)) (nop) … (ref.null 14))))
    const types = [16, ...Array.from({ length: 15 }, () => [0x60, 0, 0]).flat(), 0x60, 1, 0x7f, 0];
    const store = [0x20, 0, 0x41, 1, 0x36, 2, 0];
    const block = [0x02, 0x63, 14, ...store, ...Array(27).fill(0x01), 0xd0, 14, 0x0b, 0x1a];
    const body = [0, ...block, 0x0b];
    const module = Uint8Array.from([
      ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
      ...[1, types.length, ...types],
      ...[3, 2, 1, 15],
      ...[5, 3, 1, 0, 1],
      ...[7, 5, 1, 1, 0x66, 0, 0],
      ...[10, body.length + 2, 1, body.length, ...body],
    ]);
    const instance = instantiate('', () => rewriteForReset(module, { virtualGrowth: true }));
    instance.f?.(5 * 4096);
    assert.deepEqual(dirtyPages(instance), [5]);
  });

  const refused = [
    ['table-write', '(table 1 funcref) (func (table.set 0 (i32.const 0) (ref.null func)))'],
    ['table-write', '(table 1 funcref) (func (drop (table.grow 0 (ref.null func) (i32.const 1))))'],
    [
      'table-write',
      '(table 1 funcref) (func (table.fill 0 (i32.const 0) (ref.null func) (i32.const 1)))',
    ],
    ['segment-drop', '(memory 1) (data "x") (func (data.drop 0))'],
    [
      'memory-init',
      '(memory 1) (data "x") (func (memory.init 0 (i32.const 0) (i32.const 0) (i32.const 1)))',
    ],
    ['unreadable-global', '(global (mut v128) (v128.const i64x2 0 0))'],
    ['reserved-name', '(import "\\00reset" "dirty" (memory 1)) (func (export "f"))'],
    ['reserved-name', '(memory (export "\\00dirty") 1)'],
  ] as const;
  for (const [code, body] of refused) {
    it(`refuses ${body.slice(0, 60)}`, () => {
      const bytes = compile(`(module ${body})`);
      assert.throws(
        () => rewriteForReset(bytes, { virtualGrowth: true }),
        (thrown) => thrown instanceof UnresettableModule && thrown.code === code,
      );
    });
  }
});

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { describe, it } from 'node:test';
import wabt from 'wabt';
import { missingImports, mistypedImports } from './import-types.ts';

const { parseWat } = await wabt();

function moduleThatImports(module: string, name: string, type: string): Uint8Array {
  const wat = `(module (import "${module}" "${name}" (func ${type})) (func (param i64)))`;
  return parseWat('module.wat', wat, {}).toBinary({}).buffer;
}

const fitting: readonly (readonly [module: string, name: string, type: string])[] = [
  ['wasi_snapshot_preview1', 'fd_write', '(param i32 i32 i32 i32) (result i32)'],
  ['wasi_snapshot_preview1', 'proc_exit', '(param i32)'],
  ['wasi_unstable', 'fd_seek', '(param i32 i64 i32 i32) (result i32)'],
  ['wasi_experimental_http', 'close', '(param i32) (result i32)'],
  // Nobody has these: they are missing, which is said when the module is linked.
  ['wasi_unstable', 'sock_accept', '(param i64)'],
  ['env', 'fd_write', '(param f32)'],
];

type Case = readonly [
  module: string,
  name: string,
  type: string,
  imported: string,
  provided: string,
];
const [preview1, unstable, http] = [
  'wasi_snapshot_preview1',
  'wasi_unstable',
  'wasi_experimental_http',
];
const fourNumbers = '(i32, i32, i32, i32) -> i32';
const wrong: readonly Case[] = [
  [preview1, 'fd_write', '(param i32) (result i32)', '(i32) -> i32', fourNumbers],
  [
    preview1,
    'fd_read',
    '(param i32 i32 i32 i64) (result i32)',
    '(i32, i32, i32, i64) -> i32',
    fourNumbers,
  ],
  [unstable, 'proc_exit', '(param i32) (result f64)', '(i32) -> f64', '(i32) -> ()'],
  [http, 'close', '', '() -> ()', '(i32) -> i32'],
];

describe('mistypedImports', () => {
  for (const [module, name, type] of fitting) {
    it(`has nothing to say of ${module}.${name} ${type}`, () => {
      assert.deepEqual(mistypedImports(moduleThatImports(module, name, type)), []);
    });
  }

  for (const [module, name, type, imported, provided] of wrong) {
    it(`finds ${module}.${name} ${type}`, () => {
      assert.deepEqual(mistypedImports(moduleThatImports(module, name, type)), [
        { name: `${module}.${name}`, imported, provided },
      ]);
    });
  }

  it('has nothing to say of a program with objects', () => {
    // (global i31ref (ref.i31 (i32.const 1))), and an array of two of them
    const globals = [0x6c, 0, 0x41, 1, 0xfb, 0x1c, 0x0b];
    const array = [0x6a, 0, 0x41, 1, 0xfb, 0x1c, 0xd0, 0x6c, 0xfb, 0x08, 0, 2, 0x0b];
    const bytes = Uint8Array.of(
      ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
      ...[1, 4, 1, 0x5e, 0x6c, 0],
      ...[6, 1 + globals.length + array.length, 2, ...globals, ...array],
    );
    assert.ok(WebAssembly.validate(bytes));
    assert.deepEqual(mistypedImports(bytes), []);
  });

  it('has nothing to say of a large program', () => {
    const program = createRequire(import.meta.url).resolve('@esbuild/wasi-preview1/esbuild.wasm');
    assert.deepEqual(mistypedImports(readFileSync(program)), []);
  });
});

describe('missingImports', () => {
  const cases: readonly (readonly [wat: string, missing: readonly string[]])[] = [
    [`(import "${preview1}" "fd_write" (func))`, []],
    [`(import "${http}" "close" (func))`, []],
    [`(import "${preview1}" "fd_fly" (func))`, [`${preview1}.fd_fly`]],
    [`(import "${unstable}" "sock_accept" (func))`, [`${unstable}.sock_accept`]],
    ['(import "env" "memory" (memory 1))', ['env.memory']],
  ];
  for (const [wat, missing] of cases) {
    it(`${missing.length === 0 ? 'has nothing to say of' : 'finds'} ${wat}`, () => {
      const module = parseWat('module.wat', `(module ${wat})`, {}).toBinary({}).buffer;
      assert.deepEqual(missingImports(module), missing);
    });
  }
});

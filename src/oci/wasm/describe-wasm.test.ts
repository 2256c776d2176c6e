import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import wabt from 'wabt';
import { describeWasm } from './describe-wasm.ts';

const componentPreamble = [0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0];
const modulePreamble = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
const name = (text: string) => [text.length, ...Buffer.from(text)];
const section = (id: number, content: readonly number[]) => [id, content.length, ...content];

const component = [
  ...componentPreamble,
  ...section(0, [...name('custom'), 1, 2, 3]),
  ...section(10, [1, 0, ...name('wasi:cli/stdout@0.2.0'), 5, 0]),
  ...section(10, [
    ...[5, 0, ...name('f'), 1, 0],
    ...[0, ...name('t'), 3, 1],
    ...[0, ...name('u'), 3, 0, 7],
    ...[1, ...name('c'), 0, 0x11, 3],
    ...[2, ...name('v'), 1, 0, ...name('@1.0.0'), 5, 1],
  ]),
  ...section(11, [2, 0, ...name('wasi:cli/run@0.2.0'), 5, 2, 0, 0, ...name('g'), 1, 3, 1, 1, 0]),
];

describe('describeWasm', () => {
  let file: string;
  let directory: string;

  before(async () => {
    directory = await mkdtemp(path.join(os.tmpdir(), 'wasm-'));
    file = path.join(directory, 'a.wasm');
  });

  after(async () => {
    await rm(directory, { recursive: true });
  });

  it('reads every kind of import and export of a module', async () => {
    const { parseWat } = await wabt();
    const features = { reference_types: true, exceptions: true, threads: true, memory64: true };
    const { buffer } = parseWat(
      'a.wat',
      `(module
        (import "wasi_snapshot_preview1" "fd_write" (func $w (param i32 i32 i32 i32) (result i32)))
        (import "env" "table" (table 1 2 funcref))
        (import "env" "memory" (memory 1 2 shared))
        (import "env" "global" (global (mut i64)))
        (func (export "_start"))
        (export "write" (func $w))
        (export "mem" (memory 0)))`,
      features,
    ).toBinary({});
    await writeFile(file, buffer);
    assert.deepEqual(await describeWasm(file), {
      kind: 'module',
      imports: ['wasi_snapshot_preview1.fd_write', 'env.table', 'env.memory', 'env.global'],
      exports: ['_start', 'write', 'mem'],
    });
  });

  it('reads a real program without reading all of it', async () => {
    const folder = path.dirname(
      createRequire(import.meta.url).resolve('@esbuild/wasi-preview1/package.json'),
    );
    const { kind, imports, exports } = await describeWasm(path.join(folder, 'esbuild.wasm'));
    assert.equal(kind, 'module');
    assert.ok(imports.includes('wasi_snapshot_preview1.fd_write'));
    assert.ok(exports.includes('_start'));
  });

  it('reads the imports and exports of a component', async () => {
    await writeFile(file, Buffer.from(component));
    assert.deepEqual(await describeWasm(file), {
      kind: 'component',
      imports: ['wasi:cli/stdout@0.2.0', 'f', 't', 'u', 'c', 'v'],
      exports: ['wasi:cli/run@0.2.0', 'g'],
    });
  });

  for (const [title, bytes, message] of [
    ['an unknown version', [0, 0x61, 0x73, 0x6d, 9, 0, 0, 0], /version is unknown: 09000000/],
    ['half a preamble', [0, 0x61, 0x73, 0x6d], /version is unknown/],
    ['a section that is cut off', [...modulePreamble, 2, 100, 1], /it is cut off/],
    ['a section without a size', [...modulePreamble, 2], /it is cut off/],
    ['a size without end', [...modulePreamble, 2, ...Array(9).fill(0x80)], /it is cut off/],
    ['a name that is too long', [...modulePreamble, ...section(7, [1, 99, 1])], /ends too late/],
    ['a count that is a lie', [...modulePreamble, ...section(7, [9])], /ends too early/],
    ['an unknown import', [...modulePreamble, ...section(2, [1, 0, 0, 9])], /of kind 9/],
    ['an unknown name', [...componentPreamble, ...section(10, [1, 7])], /of form 7/],
  ] as const) {
    it(`refuses ${title}`, async () => {
      await writeFile(file, Buffer.from(bytes));
      await assert.rejects(describeWasm(file), { code: 'InvalidModule', message });
    });
  }
});

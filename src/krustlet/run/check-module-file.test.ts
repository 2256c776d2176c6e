import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { UserError } from '../cli/user-error.ts';
import { checkModuleFile } from './check-module-file.ts';
import { validateModule } from './validate-module.ts';

let folder: string;
before(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'krustlet-check-'));
});
after(() => rmSync(folder, { recursive: true }));

const header = Buffer.from('\0asm\x01\0\0\0', 'latin1');

function fileOf(content: string | Uint8Array): string {
  const file = path.join(folder, 'app.wasm');
  writeFileSync(file, content);
  return file;
}

const refusedAtSight: readonly (readonly [
  what: string,
  content: string | Uint8Array,
  said: RegExp,
])[] = [
  ['an empty file', '', /not WebAssembly but empty$/],
  ['an ELF program', '\x7fELF\x02\x01\x01', /a program for Linux/],
  ['a gzip file', gzipSync('x'), /compressed with gzip/],
  ['a script', '#!/bin/sh\n', /a script$/],
  ['WebAssembly text', '  (module)', /wat2wasm/],
  ['JavaScript', '"use strict";\nconst a = 1;\n', /JavaScript/],
  ['text', 'Dear Ada,\n\ngrüße', /but text$/],
  ['an HTML page', '<!DOCTYPE html>', /an HTML page/],
  ['unknown bytes', new Uint8Array([1, 2, 3, 0xff]), /unknown kind: it begins with 010203ff/],
  ['half a header', header.subarray(0, 6), /truncated/],
  ['another version', Buffer.from('\0asm\x02\0\0\0', 'latin1'), /version is 2/],
];

describe('checkModuleFile', () => {
  for (const [what, content, said] of refusedAtSight) {
    it(`says that it is ${what}`, async () => {
      await assert.rejects(checkModuleFile(fileOf(content)), (error) => {
        assert.ok(error instanceof UserError);
        assert.match(error.message, said);
        assert.equal(error.exitCode, 126);
        return true;
      });
    });
  }

  it('says that there is none, with exit code 127', async () => {
    const missing = path.join(folder, 'no-such.wasm');
    await assert.rejects(checkModuleFile(missing), { exitCode: 127, message: /no such file/ });
  });

  it('says that it is a folder', async () => {
    await assert.rejects(checkModuleFile(folder), { exitCode: 126, message: /it is a folder/ });
  });

  it('takes a module', async () => {
    await checkModuleFile(fileOf(header));
  });
});

describe('validateModule', () => {
  const exportOf = (name: string) =>
    Buffer.concat([
      header,
      // One function type, one function, its export and its empty body.
      Buffer.from([1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 7, name.length + 4, 1, name.length]),
      Buffer.from(name),
      Buffer.from([0, 0, 10, 4, 1, 2, 0, 0x0b]),
    ]);
  const cases: readonly (readonly [what: string, content: Uint8Array, said: RegExp])[] = [
    ['a module without _start', header, /no function '_start'/],
    ['a reactor', exportOf('_initialize'), /a library \(a reactor\)/],
    ['a truncated module', exportOf('_start').subarray(0, -3), /truncated: /],
    [
      'an unknown instruction',
      Buffer.concat([
        exportOf('_start').subarray(0, -6),
        Buffer.from([10, 5, 1, 3, 0, 0xf7, 0x0b]),
      ]),
      /proposal that V8 does not support: .*opcode/,
    ],
    [
      'of a page size of its own',
      Buffer.concat([header, Buffer.from([5, 4, 1, 8, 100, 0])]),
      /proposal that V8 does not support: .*memory/,
    ],
  ];
  for (const [what, content, said] of cases) {
    it(`says that it is ${what}`, async () => {
      await assert.rejects(validateModule(fileOf(content)), { message: said });
    });
  }

  it('says of which type an import should be', async () => {
    const name = Buffer.from('wasi_snapshot_preview1');
    const mistyped = Buffer.concat([
      header,
      Buffer.from([1, 4, 1, 0x60, 0, 0]),
      // Imports sched_yield by that type, which has no result.
      Buffer.from([2, name.length + 16, 1, name.length]),
      name,
      Buffer.from([11, ...Buffer.from('sched_yield'), 0, 0]),
      Buffer.from([3, 2, 1, 0, 7, 10, 1, 6, ...Buffer.from('_start'), 0, 1]),
      Buffer.from([10, 4, 1, 2, 0, 0x0b]),
    ]);
    await assert.rejects(validateModule(fileOf(mistyped)), {
      message:
        "it imports 'wasi_snapshot_preview1.sched_yield' as () -> (), and its type is () -> i32",
    });
  });

  it('has nothing to say of a module that can be run', async () => {
    await validateModule(fileOf(exportOf('_start')));
  });
});

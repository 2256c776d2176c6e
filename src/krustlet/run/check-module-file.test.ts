import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { UserError } from '../cli/user-error.ts';
import { checkModuleFile } from './check-module-file.ts';

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

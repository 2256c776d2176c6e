import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import wabt from 'wabt';
import { programPreparer } from './program-preparer.ts';

const { parseWat } = await wabt();

describe('programPreparer', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'krustlet-prepare-'));
  });
  after(() => rmSync(folder, { recursive: true }));

  async function prepare(wat: string) {
    const [source, target] = [path.join(folder, 'a.wasm'), path.join(folder, 'prepared.wasm')];
    rmSync(target, { force: true });
    writeFileSync(source, parseWat('a.wat', wat, {}).toBinary({}).buffer);
    const prepared = await programPreparer.prepare(source, target, {});
    return { prepared, made: existsSync(target) ? readFileSync(target) : undefined };
  }

  it('takes the loops out of a module', async () => {
    const wat = '(module (func (export "_start") (loop $a (br_if $a (i32.const 0)))))';
    const { prepared, made } = await prepare(wat);
    assert.deepEqual(prepared, { about: { kind: 'module' }, original: false });
    assert.ok(made !== undefined && WebAssembly.validate(made));
  });

  it('lets a module without loops start as it is', async () => {
    const { prepared, made } = await prepare('(module (func (export "_start")))');
    assert.deepEqual(prepared, { about: { kind: 'module' }, original: true });
    assert.equal(made, undefined);
  });
});

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import wabt from 'wabt';
import { programPreparer } from './program-preparer.ts';

const noLinux = process.platform !== 'linux' && 'descriptors are not inherited in this way';
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
    assert.equal(made?.length, 0);
  });

  it('hands on nothing that the node itself was started with', { skip: noLinux }, async () => {
    const { duplicateForExec } = await import('../../wasi/libc/process.ts');
    const file = openSync('/etc/passwd', 'r');
    const leaked = duplicateForExec(file);
    const hasIt = () => spawnSync('test', ['-e', `/proc/self/fd/${leaked}`]).status === 0;
    const before = hasIt();
    await prepare('(module (func (export "_start")))');
    const after = hasIt();
    for (const fd of [file, leaked]) closeSync(fd);
    assert.deepEqual({ before, after }, { before: true, after: false });
  });

  it('says what is wrong with a module', async () => {
    await assert.rejects(prepare('(module (func (export "_initialize")))'), {
      message: /^it has no function '_start': it is a library/,
    });
  });

  it('says what is missing for a component', async () => {
    const source = path.join(folder, 'component.wasm');
    // imports the function `f`, of no type at all, from nobody
    const imported = [0x07, 5, 1, 0x40, 0, 1, 0, 0x0a, 5, 1, 0, 1, 0x66, 1, 0];
    writeFileSync(source, Buffer.from([0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0, ...imported]));
    const prepared = programPreparer.prepare(source, path.join(folder, 'none.wasm'), {});
    await assert.rejects(prepared, { message: /^it is a component that cannot be run: / });
  });
});

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { UserError } from '../cli/user-error.ts';
import { findWasmtime, requireWasmtime } from './find-wasmtime.ts';

describe('findWasmtime', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'krustlet-wasmtime-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  const program = path.join(folder, 'wasmtime');
  const says = (text: string) =>
    writeFileSync(program, `#!/bin/sh\necho '${text}'\n`, { mode: 0o755 });

  for (const [what, text, expected] of [
    [
      'one that is too old',
      'wasmtime 39.0.1 (abc 2025-11-24)',
      /is wasmtime 39\.0\.1: 40 or newer/,
    ],
    ['another program', 'wasmer 5.0.4', /is not wasmtime: it says 'wasmer 5\.0\.4'/],
    ['a script', 'wasmtime 49.0.3 (f96eabaa1 2026-10-14)', /is a script/],
  ] as const) {
    it(`does not take ${what}`, async () => {
      says(text);
      const found = await findWasmtime({ env: { PATH: `relative:${folder}` } });
      assert.equal(found.kind, 'missing');
      assert.match(found.kind === 'missing' ? found.reason : '', expected);
    });
  }

  it('takes the path that was given before the one in the environment', async () => {
    const env = { KRUSTLET_WASMTIME: '/from/environment', PATH: '' };
    for (const [given, expected] of [
      ['/given', /\/given/],
      [undefined, /\/from\/environment/],
    ] as const) {
      const found = await findWasmtime({ env, given });
      assert.match(found.kind === 'missing' ? found.reason : '', expected);
    }
  });

  it('says where it has looked', async () => {
    const found = await findWasmtime({ env: { PATH: '/does/not/exist' } });
    assert.deepEqual(found, { kind: 'missing', reason: 'not on the PATH' });
  });

  it('passes over folders that it may not enter', async () => {
    // As one of another user: a path of more links than are followed is refused to root as well.
    const loop = path.join(folder, 'loop');
    symlinkSync(loop, loop);
    const found = await findWasmtime({ env: { PATH: loop } });
    assert.deepEqual(found, { kind: 'missing', reason: 'not on the PATH' });
  });

  it('makes an error of it where it is needed', async () => {
    await assert.rejects(requireWasmtime({ env: {} }), UserError);
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { describeWasm } from './describe-wasm.ts';
import { componentFixture } from './testing/fixtures.ts';

describe('describeWasm', () => {
  for (const [name, workload] of [
    ['command', 'command'],
    ['http-hello', 'http-server'],
    ['http-routes', 'http-server'],
  ] as const) {
    it(`says that ${name} is a ${workload}, linked directly`, () => {
      const description = describeWasm(componentFixture(name));
      assert.ok(description?.kind === 'component');
      assert.equal(description.workload, workload);
      assert.deepEqual(description.linking, { kind: 'direct' });
    });
  }

  it('lists what a core module imports and exports', () => {
    // (module (import "a" "b" (func)) (export "c" (func 0)))
    const hex = '0061736d0100000001040160000002070101610162000007050101630000';
    assert.deepEqual(describeWasm(Buffer.from(hex, 'hex')), {
      kind: 'core-module',
      imports: ['a'],
      exports: ['c'],
    });
  });

  it('knows what is no WebAssembly', () => {
    assert.equal(describeWasm(Buffer.from('#!/bin/sh\n')), undefined);
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { prepareComponent } from './prepared-component.ts';

describe('prepareComponent', () => {
  it('takes no module that only rewriting would make valid', () => {
    // (component (core module $m (memory 1) (export "map" (memory 1))) (core instance (instantiate $m)))
    const module = [
      ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
      ...[5, 3, 1, 0, 1],
      ...[7, 7, 1, 3, 0x6d, 0x61, 0x70, 2, 1],
    ];
    const header = [0x00, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0];
    const instance = [2, 4, 1, 0, 0, 0];
    const component = Uint8Array.from([...header, 1, module.length, ...module, ...instance]);
    assert.throws(() => prepareComponent(component), WebAssembly.CompileError);
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import wabt from 'wabt';
import { importsFrom } from './imports-from.ts';

const { parseWat } = await wabt();

function binary(text: string): Uint8Array {
  const module = parseWat('test.wat', text);
  try {
    return module.toBinary({}).buffer;
  } finally {
    module.destroy();
  }
}

describe('importsFrom', () => {
  const types = Array.from(
    { length: 300 },
    (_, index) => `(type (func (param ${'i32 '.repeat(index % 9)})))`,
  );
  const sending = `(module ${types.join('')} (import "sending" "req" (func)))`;
  const cases = [
    [sending, true],
    ['(module (import "other" "req" (func)))', false],
    ['(module (func))', false],
    ['(module (memory (export "sending") 1) (data (i32.const 0) "sending"))', false],
  ] as const;
  for (const [text, expected] of cases) {
    it(`is ${expected} of ${text.slice(0, 50)}`, () => {
      assert.equal(importsFrom(binary(text), 'sending'), expected);
    });
  }

  it('is false of what is no module, or only the beginning of one', () => {
    assert.equal(importsFrom(Buffer.from('sending'), 'sending'), false);
    for (const length of [8, 9, 20]) {
      assert.equal(importsFrom(binary(sending).subarray(0, length), 'sending'), false);
    }
  });
});

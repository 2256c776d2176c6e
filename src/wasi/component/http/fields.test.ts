import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Fields } from './fields.ts';

describe('Fields', () => {
  const invalid = { kind: 'error', error: 'invalid-syntax' };

  for (const text of ['0', '5', '18446744073709551']) {
    it(`take '${text}' for a length`, () => {
      const fields = new Fields();
      assert.equal(fields.append('Content-Length', text).kind, 'ok');
      assert.equal(fields.set('content-length', [text]).kind, 'ok');
      assert.deepEqual(fields.get('content-length'), [text]);
    });
  }

  for (const text of ['', ' 5', '5\t', '+5', '-5', '5, 5', '0x5', '5.0', '00000000000000000005']) {
    it(`take '${text}' for none`, () => {
      const fields = new Fields();
      assert.deepEqual(fields.append('content-length', text), invalid);
      assert.deepEqual(fields.set('Content-Length', [text]), invalid);
      assert.deepEqual(fields.entries, []);
    });
  }

  it('have one length, and no other beside it', () => {
    const fields = new Fields();
    assert.deepEqual(fields.set('content-length', ['5', '5']), invalid);
    fields.append('content-length', '5');
    assert.deepEqual(fields.append('Content-Length', '5'), invalid);
    assert.equal(fields.set('content-length', ['6']).kind, 'ok');
    assert.deepEqual(fields.entries, [{ name: 'content-length', value: '6' }]);
  });

  it('have any number of values else', () => {
    const fields = new Fields();
    for (const value of [' a', 'b']) assert.equal(fields.append('x-any', value).kind, 'ok');
    assert.deepEqual(fields.get('X-Any'), [' a', 'b']);
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { flag, integer, optional, repeated, text, textMap, texts } from './fields.ts';
import { message } from './message.ts';

const inner = message({ name: text(1), size: integer(2) });
const all = message({
  name: text(1),
  isThere: flag(2),
  count: integer(3),
  tags: texts(4),
  inner: optional(6, inner),
  inners: repeated(7, inner),
  map: textMap(16),
});

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const bytes = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');

const full = {
  name: 'é',
  isThere: true,
  count: -1,
  tags: ['a', ''],
  inner: { name: '', size: 0 },
  inners: [
    { name: 'x', size: 1 },
    { name: '', size: 0 },
  ],
  map: { k: 'v' },
};

describe('message', () => {
  it('writes what protoc writes', () => {
    const written = hex(all.encode(full));
    const parts = [
      '0a 02 c3a9',
      '10 01',
      '18 ff ff ff ff ff ff ff ff ff 01',
      '22 01 61 22 00',
      '32 00',
      '3a 05 0a 01 78 10 01 3a 00',
      '82 01 06 0a 01 6b 12 01 76',
    ];
    assert.equal(written, parts.join('').replaceAll(' ', ''));
  });

  it('reads what it has written', () => {
    assert.deepEqual(all.decode(all.encode(full)), full);
  });

  it('gives defaults for what was not sent, and sends none', () => {
    const empty = {
      name: '',
      isThere: false,
      count: 0,
      tags: [],
      inner: undefined,
      inners: [],
      map: {},
    };
    assert.deepEqual(all.decode(new Uint8Array()), empty);
    assert.equal(all.encode(empty).length, 0);
  });

  it('skips fields that it does not know', () => {
    const { name } = all.decode(bytes('2a 03 01 ac02 98 06 07 a1 06 0102030405060708 0a 01 61'));
    assert.equal(name, 'a');
  });

  it('takes the last of a field that is sent twice', () => {
    assert.equal(all.decode(bytes('0a 01 61 0a 01 62')).name, 'b');
  });

  const wrong: readonly [string, string][] = [
    ['cut short in a string', '0a 05 61'],
    ['cut short in a number', '18 ff'],
    ['a number that does not end', `18 ${'ff'.repeat(11)}`],
    ['a length beyond all memory', '0a ff ff ff ff ff ff ff ff 7f'],
    ['a group', '0b 0c'],
    ['the field number 0', '00 01'],
    ['a number for a string', '08 01'],
    ['a string for a number', '1a 01 61'],
    ['no UTF-8', '0a 01 ff'],
    ['a broken message in a message', '32 02 0a 05'],
  ];
  for (const [what, sent] of wrong) {
    it(`refuses ${what}`, () => {
      assert.throws(() => all.decode(bytes(sent)), { name: 'WireError' });
    });
  }

  it('has no place for prototypes in maps', () => {
    const sent = all.encode({ map: JSON.parse('{"__proto__":"x"}') });
    const { map } = all.decode(sent);
    assert.deepEqual(Object.entries(map), [['__proto__', 'x']]);
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseChallenge } from './challenge.ts';

const bearer = { kind: 'bearer', service: undefined, scope: undefined, error: undefined };

const table: readonly (readonly [header: string | undefined, expected: unknown])[] = [
  [undefined, undefined],
  ['', undefined],
  ['Negotiate', undefined],
  ['Basic realm="x"', { kind: 'basic' }],
  ['BASIC', { kind: 'basic' }],
  ['Bearer realm="https://a/t"', { ...bearer, realm: 'https://a/t' }],
  ['Bearer realm=https://a/t', { ...bearer, realm: 'https://a/t' }],
  [
    'Bearer realm="https://a/t",service="s, x",scope="repository:a/b:pull,push"',
    { ...bearer, realm: 'https://a/t', service: 's, x', scope: 'repository:a/b:pull,push' },
  ],
  [
    'bearer realm="https://a/t", error="insufficient_scope"',
    { ...bearer, realm: 'https://a/t', error: 'insufficient_scope' },
  ],
  ['Bearer realm="a\\"b"', { ...bearer, realm: 'a"b' }],
  ['Basic realm="x", Bearer realm="https://a/t"', { ...bearer, realm: 'https://a/t' }],
  ['Bearer scope="x"', undefined],
];

describe('parseChallenge', () => {
  for (const [header, expected] of table) {
    it(`reads ${header}`, () => assert.deepEqual(parseChallenge(header), expected));
  }

  it('takes no time for a hostile header', () => {
    assert.equal(parseChallenge(`x="${'\\'.repeat(1_000_000)}`), undefined);
  });
});

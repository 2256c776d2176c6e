import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { formatAge } from './format-age.ts';
import { formatBytes } from './format-bytes.ts';
import { formatTable } from './format-table.ts';
import { printable } from './printable.ts';

describe('formatBytes', () => {
  const cases = [
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.00 kB'],
    [12_345, '12.3 kB'],
    [123_456_789, '123 MB'],
    [2e15, '2000 TB'],
  ] as const;
  for (const [bytes, text] of cases) {
    it(`writes ${bytes} as ${text}`, () => assert.equal(formatBytes(bytes), text));
  }
});

describe('formatAge', () => {
  const now = new Date('2026-11-23T12:00:00Z');
  const cases = [
    ['2026-11-23T12:00:00Z', '0s'],
    ['2026-11-23T11:59:15Z', '45s'],
    ['2026-11-23T11:56:48Z', '3m12s'],
    ['2026-11-23T10:00:00Z', '2h'],
    ['2026-11-18T07:30:00Z', '5d4h'],
    ['2026-11-23T12:00:09Z', '0s'],
  ] as const;
  for (const [since, text] of cases) {
    it(`writes the age of ${since} as ${text}`, () => {
      assert.equal(formatAge(new Date(since), now), text);
    });
  }
});

describe('formatTable', () => {
  it('aligns columns and leaves no spaces at the ends of lines', () => {
    assert.equal(
      formatTable(
        ['NAME', 'AGE'],
        [
          ['journal', '3s'],
          ['a', ''],
        ],
      ),
      'NAME     AGE\njournal  3s\na\n',
    );
  });

  it('keeps a row in its line, and shows what a terminal would obey', () => {
    assert.equal(formatTable(['NAME'], [['a\nb\x1b[2J']]), 'NAME\na b\\x1b[2J\n');
  });
});

describe('printable', () => {
  it('keeps text, lines and tabs, and shows other control characters', () => {
    assert.equal(printable('é 日本\n\t👋'), 'é 日本\n\t👋');
    assert.equal(printable('\x1b]0;x\x07\r\x9b\x7f'), '\\x1b]0;x\\x07\\x0d\\x9b\\x7f');
  });
});

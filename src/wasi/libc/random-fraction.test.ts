import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { randomFraction } from './random-fraction.ts';

describe('randomFraction', () => {
  const numbers = Array.from({ length: 10_000 }, randomFraction);

  it('is at least 0 and below 1, and never the same twice', () => {
    assert.ok(numbers.every((number) => number >= 0 && number < 1));
    assert.equal(new Set(numbers).size, numbers.length);
  });

  it('falls everywhere alike', () => {
    const tenths = Map.groupBy(numbers, (number) => Math.floor(number * 10));
    assert.equal(tenths.size, 10);
    for (const { length } of tenths.values())
      assert.ok(length > 800 && length < 1_200, `${length}`);
  });

  it('has 53 bits', () => {
    assert.ok(numbers.some((number) => (number * 2 ** 53) % 2 === 1));
    assert.ok(numbers.every((number) => Number.isInteger(number * 2 ** 53)));
  });
});

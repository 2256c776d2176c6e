import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { quantityMillis, quantityUnits } from './quantity.ts';

describe('quantityUnits', () => {
  const cases: readonly (readonly [string, number])[] = [
    ['0', 0],
    ['64Mi', 67_108_864],
    ['1.5Gi', 1_610_612_736],
    ['1k', 1000],
    ['1e3', 1000],
    ['12E', 12e18],
    ['500m', 1],
    ['.5', 1],
    ['1.', 1],
    ['+2', 2],
    ['1e-1', 1],
  ];
  for (const [text, value] of cases) {
    it(`${text} is ${value}`, () => assert.equal(quantityUnits(text), value));
  }

  for (const text of [
    '',
    '.',
    'Mi',
    '1Kb',
    '1 Gi',
    'one',
    '1e999999999',
    '1e-999999999',
    '1'.repeat(65),
  ]) {
    it(`refuses "${text}"`, () => assert.throws(() => quantityUnits(text), RangeError));
  }
});

describe('quantityMillis', () => {
  for (const [text, value] of [
    ['1', 1000],
    ['250m', 250],
    ['0.1', 100],
    ['100u', 1],
    ['1n', 1],
  ] as const) {
    it(`${text} is ${value}`, () => assert.equal(quantityMillis(text), value));
  }
});

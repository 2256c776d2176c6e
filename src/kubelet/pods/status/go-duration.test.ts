import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { goDuration } from './go-duration.ts';

describe('goDuration', () => {
  it('prints durations as Go does', () => {
    const printed: readonly (readonly [number, string])[] = [
      [0, '0s'],
      [350, '350ms'],
      [1500, '1.5s'],
      [10_000, '10s'],
      [80_000, '1m20s'],
      [300_000, '5m0s'],
      [3_661_250, '1h1m1.25s'],
    ];
    for (const [milliseconds, text] of printed) assert.equal(goDuration(milliseconds), text);
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CpuRates } from './cpu-rate.ts';

describe('CpuRates', () => {
  it('knows a rate from the second sample on', () => {
    const rates = new CpuRates();
    assert.equal(rates.rate('a', 0n, 0), undefined);
    assert.equal(rates.rate('a', 1_000_000_000n, 2_000), 500_000_000);
  });

  it('repeats the last rate where two questions come too close', () => {
    const rates = new CpuRates();
    rates.rate('a', 0n, 0);
    rates.rate('a', 1_000_000_000n, 2_000);
    assert.equal(rates.rate('a', 1_900_000_000n, 2_500), 500_000_000);
  });

  it('starts anew where a counter went back', () => {
    const rates = new CpuRates();
    rates.rate('a', 5n, 0);
    assert.equal(rates.rate('a', 1n, 2_000), undefined);
  });

  it('forgets what is gone', () => {
    const rates = new CpuRates();
    rates.rate('a', 0n, 0);
    rates.keepOnly(new Set(['b']));
    assert.equal(rates.rate('a', 1n, 2_000), undefined);
  });
});

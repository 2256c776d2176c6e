import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CrashBackoff } from './crash-backoff.ts';

const start = Date.parse('2026-01-01T00:00:00Z');

describe('CrashBackoff', () => {
  it('starts again at once, then after 10 s doubled up to 5 minutes', () => {
    const backoff = new CrashBackoff();
    let now = start;
    const delays = Array.from({ length: 8 }, () => {
      const delay = backoff.next(now);
      now += delay + 1000;
      return delay / 1000;
    });
    assert.deepEqual(delays, [0, 10, 20, 40, 80, 160, 300, 300]);
  });

  it('forgets after 10 minutes without an end', () => {
    const backoff = new CrashBackoff();
    backoff.next(start);
    assert.equal(backoff.next(start + 1000), 10_000);
    assert.equal(backoff.next(start + 11_000 + 600_000), 20_000);
    assert.equal(backoff.next(start + 11_000 + 600_000 + 20_000 + 600_001), 0);
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ManualClock } from '../../../../tests/support/manual-clock.ts';
import { ExpiringCache } from './expiring-cache.ts';

describe('ExpiringCache', () => {
  it('keeps an answer as long as it may', async () => {
    const clock = new ManualClock(1_000);
    const cache = new ExpiringCache<string>({ clock });
    cache.set('user', 'may', 100);
    await clock.advance(99);
    assert.equal(cache.get('user'), 'may');
    await clock.advance(1);
    assert.equal(cache.get('user'), undefined);
  });

  it('keeps none whose age a clock that was set back does not tell', () => {
    const clock = new ManualClock(86_400_000);
    const cache = new ExpiringCache<string>({ clock });
    cache.set('user', 'may', 100);
    clock.set(0);
    assert.equal(cache.get('user'), undefined);
  });

  it('drops the oldest where there are too many', () => {
    const cache = new ExpiringCache<number>({ clock: new ManualClock() }, { maxEntries: 2 });
    for (const [index, key] of ['a', 'b', 'c'].entries()) cache.set(key, index, 100);
    assert.deepEqual(
      ['a', 'b', 'c'].map((key) => cache.get(key)),
      [undefined, 1, 2],
    );
  });
});

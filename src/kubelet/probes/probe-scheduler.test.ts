import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ManualClock } from '../../../tests/support/manual-clock.ts';
import { ProbeScheduler } from './probe-scheduler.ts';

describe('ProbeScheduler', () => {
  it('wakes waiters at their times, the earliest first, with one timer', async () => {
    const clock = new ManualClock(1_000);
    const scheduler = new ProbeScheduler({ clock });
    const woken: number[] = [];
    for (const at of [1_300, 1_100, 1_200, 1_100]) {
      void scheduler.until(at).then(() => woken.push(at));
    }
    await clock.advance(99);
    assert.deepEqual(woken, []);
    await clock.advance(1);
    assert.deepEqual(woken, [1_100, 1_100]);
    await clock.advance(200);
    assert.deepEqual(woken, [1_100, 1_100, 1_200, 1_300]);
  });

  it('keeps the pauses of all where the clock is set back', async () => {
    const clock = new ManualClock(86_400_000);
    const scheduler = new ProbeScheduler({ clock });
    const woken: string[] = [];
    const wait = (name: string, milliseconds: number) =>
      scheduler.until(clock.now() + milliseconds).then(() => woken.push(name));
    void wait('first', 100);
    void wait('second', 300);
    clock.set(0);
    void wait('early', 50);
    await clock.advance(50);
    assert.deepEqual(woken, ['early']);
    await clock.advance(50);
    assert.deepEqual(woken, ['early', 'first']);
    void wait('third', 100);
    await clock.advance(100);
    assert.deepEqual(woken, ['early', 'first', 'third']);
    await clock.advance(100);
    assert.deepEqual(woken, ['early', 'first', 'third', 'second']);
  });

  it('lets go of a waiter whose signal aborts, and of times that are past', async () => {
    const clock = new ManualClock(1_000);
    const scheduler = new ProbeScheduler({ clock });
    const over = new AbortController();
    const waiting = scheduler.until(5_000, { signal: over.signal });
    over.abort();
    await waiting;
    await scheduler.until(900);
  });
});

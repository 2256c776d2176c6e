import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ManualClock } from '../../../tests/support/manual-clock.ts';
import { runWorkers } from './run-workers.ts';
import { WorkQueue } from './work-queue.ts';

describe('WorkQueue', () => {
  it('hands out each key once, oldest first', async () => {
    using queue = new WorkQueue();
    for (const key of ['a', 'b', 'a']) queue.add(key);
    assert.equal(queue.length, 2);
    assert.equal(await queue.take(), 'a');
    assert.equal(await queue.take(), 'b');
    assert.equal(queue.length, 0);
  });

  it('hands a key out again only when the work on it is done', async () => {
    using queue = new WorkQueue();
    queue.add('a');
    await queue.take();
    queue.add('a');
    queue.add('a');
    assert.equal(queue.length, 0);
    queue.done('a');
    assert.equal(queue.length, 1);
    await queue.take();
    queue.done('a');
    assert.equal(queue.length, 0);
  });

  it('wakes who waits for a key, and ends the wait with the signal', async () => {
    using queue = new WorkQueue();
    const first = queue.take();
    const abort = new AbortController();
    const second = queue.take({ signal: abort.signal });
    queue.add('a');
    assert.equal(await first, 'a');
    abort.abort(new Error('enough'));
    await assert.rejects(second, /enough/);
  });

  it('adds keys at the earliest of the times asked for', async () => {
    const clock = new ManualClock();
    using queue = new WorkQueue({ clock });
    queue.addAfter('a', 100);
    queue.addAfter('a', 50);
    queue.addAfter('a', 200);
    await clock.advance(49);
    assert.equal(queue.length, 0);
    await clock.advance(1);
    assert.equal(await queue.take(), 'a');
    queue.done('a');
    await clock.advance(500);
    assert.equal(queue.length, 0);
  });

  it('lets a key that fails wait longer each time, by itself, until it is forgotten', async () => {
    const clock = new ManualClock();
    using queue = new WorkQueue({ clock, backoff: { firstDelay: 10, maxDelay: 35 } });
    for (const key of ['a', 'a', 'a', 'a', 'b']) {
      queue.addRateLimited(key);
      await clock.advance(1_000);
    }
    assert.equal(queue.failures('a'), 4);
    queue.forget('a');
    queue.addRateLimited('a');
    assert.deepEqual(clock.sleeps, [10, 20, 35, 35, 10, 10]);
  });
});

describe('runWorkers', () => {
  it('works on several keys at a time, never twice on one, and tries failures again', async () => {
    using queue = new WorkQueue({ backoff: { firstDelay: 1 } });
    const abort = new AbortController();
    const active = new Set<string>();
    const failures: string[] = [];
    const done: string[] = [];
    let most = 0;
    for (const key of ['a', 'b', 'c']) queue.add(key);
    await runWorkers(
      queue,
      async (key) => {
        assert.ok(!active.has(key));
        active.add(key);
        most = Math.max(most, active.size);
        await new Promise((resolve) => setTimeout(resolve, 2));
        active.delete(key);
        if (key === 'b' && failures.length < 2) throw new Error('not yet');
        done.push(key);
        if (done.length === 3) abort.abort();
      },
      { workers: 2, signal: abort.signal, onError: (_error, key) => failures.push(key) },
    );
    assert.deepEqual(done.sort(), ['a', 'b', 'c']);
    assert.deepEqual(failures, ['b', 'b']);
    assert.equal(most, 2);
    assert.equal(queue.failures('b'), 0);
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ManualClock } from '../../../tests/support/manual-clock.ts';
import { RightOfWay } from './right-of-way.ts';

/** What was asked, in order, and a clock that says when. */
function start() {
  const clock = new ManualClock();
  const rightOfWay = new RightOfWay({ clock });
  const asked: string[] = [];
  const ask = (name: string) => async () => void asked.push(`${name} at ${clock.now()}`);
  return { clock, rightOfWay, asked, ask };
}

describe('RightOfWay', () => {
  it('has a request wait until no others are on their way, and then no more', async () => {
    const { clock, rightOfWay, asked, ask } = start();
    const other = Promise.withResolvers<void>();
    const taken = rightOfWay.take(() => other.promise);
    const given = rightOfWay.give(ask('first'), 1_000);
    for (const _ of [1, 2, 3]) await clock.advance(25);
    assert.deepEqual(asked, []);
    other.resolve();
    await taken;
    await clock.advance(25);
    assert.deepEqual(asked, [], 'the gap has to be as long');
    await clock.advance(25);
    await given;
    await rightOfWay.give(ask('second'), 1_000);
    assert.deepEqual(asked, ['first at 125', 'second at 125']);
    await rightOfWay.take(async () => undefined);
    const third = rightOfWay.give(ask('third'), 1_000);
    await clock.advance(25);
    await third;
    assert.deepEqual(asked.slice(2), ['third at 150']);
  });

  it('has none wait longer than its patience, whatever becomes of the others', async () => {
    const { clock, rightOfWay, asked, ask } = start();
    void rightOfWay.take(() => new Promise(() => undefined));
    const given = rightOfWay.give(ask('first'), 40);
    await clock.advance(25);
    assert.deepEqual(asked, []);
    await clock.advance(15);
    await given;
    assert.deepEqual(asked, ['first at 40']);
    await assert.rejects(
      rightOfWay.take(() => Promise.reject(new Error('failed'))),
      /failed/,
    );
    await rightOfWay.give(ask('second'), 0);
    assert.deepEqual(asked.slice(1), ['second at 40']);
    const stop = new AbortController();
    const stopped = rightOfWay.give(ask('third'), 1_000, stop);
    stop.abort(new Error('stopped'));
    await assert.rejects(stopped, /stopped/);
  });
});

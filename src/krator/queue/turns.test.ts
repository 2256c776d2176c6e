import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Turns } from './turns.ts';

describe('Turns', () => {
  it('does the work on one key in order, also after work that failed', async () => {
    const turns = new Turns();
    const log: string[] = [];
    const work = (name: string, milliseconds: number) => async () => {
      log.push(`${name} begins`);
      await sleep(milliseconds);
      log.push(`${name} ends`);
      if (name === 'two') throw new Error('two failed');
      return name;
    };
    const all = [
      turns.take('key', work('one', 20)),
      turns.take('key', work('two', 10)),
      turns.take('key', work('three', 0)),
    ];
    const ends = await Promise.allSettled(all);
    assert.deepEqual(
      ends.map((end) => (end.status === 'fulfilled' ? end.value : String(end.reason))),
      ['one', 'Error: two failed', 'three'],
    );
    assert.deepEqual(
      log,
      ['one', 'two', 'three'].flatMap((name) => [`${name} begins`, `${name} ends`]),
    );
  });

  it('keeps no key waiting for another', async () => {
    const turns = new Turns();
    const never = turns.take('slow', () => sleep(60_000, undefined, { ref: false }));
    assert.equal(await turns.take('quick', async () => 'done'), 'done');
    void never;
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import type { Clock } from '../clock.ts';
import { DownloadTurns, type Turn } from './download-turns.ts';

/** A clock that a test moves. */
class SetClock implements Clock {
  #now = 0;
  readonly #sleepers: { readonly at: number; readonly wake: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  async sleep(milliseconds: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#sleepers.push({ at: this.#now + milliseconds, wake: resolve });
    await promise;
  }

  async advance(seconds: number): Promise<void> {
    for (let second = 0; second < seconds; second++) {
      this.#now += 1000;
      for (const { at, wake } of this.#sleepers) if (at <= this.#now) wake();
      await setImmediate();
    }
  }
}

describe('DownloadTurns', () => {
  /** One turn, and those who want it: what they are called stands in `admitted` once they have it. */
  function contest() {
    const clock = new SetClock();
    const turns = new DownloadTurns(1, { clock });
    const admitted: string[] = [];
    const enter = async (name: string, signal?: AbortSignal): Promise<Turn> => {
      const turn = await turns.take({ ...(signal && { signal }) });
      admitted.push(name);
      return turn;
    };
    return { clock, admitted, enter };
  }

  it('lets a download run as long as nobody waits', async () => {
    const { clock, enter } = contest();
    const turn = await enter('slow');
    await clock.advance(1000);
    assert.equal(await turn.spend(1), false);
  });

  for (const [title, rate, seconds] of [
    ['one that is slow ten seconds', 65_535, 10],
    ['one that is not a minute', 65_536, 60],
  ] as const) {
    it(`leaves ${title} while others wait, whatever it does then`, async () => {
      const { clock, admitted, enter } = contest();
      const turn = await enter('first');
      const second = enter('second');
      for (let passed = 0; passed < seconds - 1; passed++) {
        await turn.spend(rate);
        await clock.advance(1);
      }
      assert.deepEqual(admitted, ['first']);
      await turn.spend(rate);
      await clock.advance(1);
      assert.deepEqual(admitted, ['first', 'second']);
      const again = turn.spend(1).then((waited) => admitted.push(`first, ${waited}`));
      await clock.advance(9);
      assert.equal(admitted.length, 2);
      (await second)[Symbol.dispose]();
      await again;
      assert.deepEqual(admitted.at(-1), 'first, true');
    });
  }

  it('lets everybody have the turn in a bounded time, however many drip', async () => {
    const { clock, admitted, enter } = contest();
    const names = Array.from({ length: 50 }, (_, i) => `${i}`);
    const all = names.map((name) => enter(name));
    await clock.advance(500);
    assert.deepEqual(admitted, names);
    for (const turn of await Promise.all(all)) turn[Symbol.dispose]();
  });

  it('lets go of who gives up', async () => {
    const { admitted, enter } = contest();
    const first = await enter('first');
    const controller = new AbortController();
    const second = enter('second', controller.signal);
    const third = enter('third');
    controller.abort(new Error('enough'));
    first[Symbol.dispose]();
    await assert.rejects(second, /enough/);
    (await third)[Symbol.dispose]();
    assert.deepEqual(admitted, ['first', 'third']);
    (await enter('fourth'))[Symbol.dispose]();
  });
});

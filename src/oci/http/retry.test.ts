import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Clock } from '../clock.ts';
import { parseRetryAfter, RetryableError, type RetryHints, retry } from './retry.ts';

function recordingClock(): Clock & { readonly pauses: number[] } {
  const pauses: number[] = [];
  return {
    pauses,
    now: () => 0,
    async sleep(milliseconds, { signal } = {}) {
      signal?.throwIfAborted();
      pauses.push(milliseconds);
    },
  };
}

const failing = (hints?: RetryHints) => async () => {
  throw new RetryableError(new Error('try again'), hints);
};

describe('retry', () => {
  it('pauses twice as long each time, half of it random', async () => {
    for (const [random, expected] of [
      [0, [50, 100, 200, 250]],
      [1, [100, 200, 400, 500]],
    ] as const) {
      const clock = recordingClock();
      const init = { attempts: 5, baseDelayMs: 100, maxDelayMs: 500, clock, random: () => random };
      await assert.rejects(retry(failing(), init), { message: 'try again' });
      assert.deepEqual(clock.pauses, expected);
    }
  });

  it('waits as long as it is asked to, and gives up when that is too long', async () => {
    const clock = recordingClock();
    await assert.rejects(retry(failing({ retryAfterMs: 7000 }), { attempts: 2, clock }));
    await assert.rejects(retry(failing({ retryAfterMs: 70_000 }), { attempts: 2, clock }));
    assert.deepEqual(clock.pauses, [7000]);
  });

  for (const [patience, tries] of [
    [undefined, 5],
    [0.1, 5],
    [1 / 3, 3],
    [1 / 2, 2],
    [1, 1],
  ] as const) {
    it(`tries ${tries} times where each takes ${patience ?? 'none'} of all patience`, async () => {
      const clock = recordingClock();
      await assert.rejects(retry(failing({ patience }), { clock }), { message: 'try again' });
      assert.equal(clock.pauses.length, tries - 1);
    });
  }

  it('returns what an attempt returns', async () => {
    const clock = recordingClock();
    const third = (attempt: number) => (attempt < 3 ? failing()() : Promise.resolve(attempt));
    assert.equal(await retry(third, { clock }), 3);
  });

  it('does not repeat what failed for good', async () => {
    const clock = recordingClock();
    await assert.rejects(
      retry(() => Promise.reject(new Error('no')), { clock }),
      /no/,
    );
    assert.deepEqual(clock.pauses, []);
  });

  it('ends when it is aborted', async () => {
    const controller = new AbortController();
    const clock = recordingClock();
    const aborting = async () => {
      controller.abort(new Error('enough'));
      return await failing()();
    };
    await assert.rejects(retry(aborting, { clock }, { signal: controller.signal }), /enough/);
  });
});

describe('parseRetryAfter', () => {
  const now = Date.parse('2026-11-23T00:00:00Z');
  for (const [header, expected] of [
    ['5', 5000],
    [' 0 ', 0],
    ['Mon, 23 Nov 2026 00:00:10 GMT', 10_000],
    ['Sun, 22 Nov 2026 00:00:00 GMT', 0],
    ['soon', undefined],
    [undefined, undefined],
  ] as const) {
    it(`'${header}' is ${expected} ms`, () => {
      assert.equal(parseRetryAfter(header, now), expected);
    });
  }
});

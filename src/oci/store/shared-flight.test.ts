import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { SharedFlight } from './shared-flight.ts';

describe('SharedFlight', () => {
  it('runs one operation for all who join while it runs', async () => {
    const flight = new SharedFlight<number>();
    let runs = 0;
    const operation = async () => {
      runs++;
      await sleep(5);
      return runs;
    };
    assert.deepEqual(
      await Promise.all([flight.join('a', operation), flight.join('a', operation)]),
      [1, 1],
    );
    assert.equal(await flight.join('a', operation), 2);
  });

  it('goes on while one of them still waits, and is aborted with the last', async () => {
    const flight = new SharedFlight<string>();
    let isAborted = false;
    const operation = async ({ signal }: { signal: AbortSignal }) => {
      signal.addEventListener('abort', () => {
        isAborted = true;
      });
      await sleep(30, undefined, { signal });
      return 'done';
    };
    const first = new AbortController();
    const leaving = flight.join('a', operation, { signal: first.signal });
    const staying = flight.join('a', operation);
    first.abort(new Error('bored'));
    await assert.rejects(leaving, /bored/);
    assert.equal(await staying, 'done');
    assert.equal(isAborted, false);
  });

  it('starts anew for who comes after an abort or a failure', async () => {
    const flight = new SharedFlight<string>();
    const controller = new AbortController();
    const hanging = flight.join('a', ({ signal }) => sleep(10_000, 'x', { signal }), {
      signal: controller.signal,
    });
    controller.abort(new Error('bored'));
    await assert.rejects(hanging, /bored/);
    assert.equal(await flight.join('a', async () => 'new'), 'new');
    await assert.rejects(
      flight.join('a', () => Promise.reject(new Error('no'))),
      /no/,
    );
    assert.equal(await flight.join('a', async () => 'again'), 'again');
  });
});

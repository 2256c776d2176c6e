import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { NativeSystem } from '../../native/native-system.ts';
import { Cancellation } from './cancellation.ts';
import type { Readiness } from './readiness.ts';
import { SuspendingWaiter } from './suspending-waiter.ts';

describe('SuspendingWaiter', () => {
  function begin() {
    const cancellation = new Cancellation();
    const { promise: happened, resolve } = Promise.withResolvers<void>();
    let isReady = false;
    const readiness: Readiness = {
      ready: () => isReady,
      source: () => ({ kind: 'event', happened }),
    };
    const waiting = new SuspendingWaiter(new NativeSystem()).wait([readiness], cancellation);
    const happen = () => {
      isReady = true;
      resolve();
    };
    return { cancellation, happen, waiting };
  }

  it('waits for an event', async () => {
    const { happen, waiting } = begin();
    happen();
    assert.equal(await waiting, undefined);
  });

  it('goes on no more where the call is cancelled once the event has happened', async () => {
    const { cancellation, happen, waiting } = begin();
    happen();
    // Whoever waits has been told by then, but has not gone on.
    queueMicrotask(() => cancellation.cancel(new Error('enough')));
    await assert.rejects(async () => waiting, /^Error: enough$/);
  });
});

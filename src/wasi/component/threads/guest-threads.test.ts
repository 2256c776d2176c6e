import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { GuestThreads } from './guest-threads.ts';

describe('GuestThreads', () => {
  it('takes no connections while there are none, and knows when there cannot be any', () => {
    const start = () => {
      throw new Error('EAGAIN');
    };
    const unexpected = () => assert.fail();
    const threads = new GuestThreads(
      { start, seize: unexpected },
      { requestTimeout: 1000, onReady: unexpected, onConnection: unexpected },
    );
    assert.equal(threads.serve(5), false);
    assert.equal(threads.hasFailed, false);
    assert.throws(() => threads.become(2), /EAGAIN/);
    assert.deepEqual([threads.count, threads.hasFailed], [0, true]);
  });
});

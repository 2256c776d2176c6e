import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Exchange } from '../http/running-exchanges.ts';
import { GuestThreads } from './guest-threads.ts';

describe('GuestThreads', () => {
  it('takes no requests while there are none, and knows when there cannot be any', () => {
    const start = () => {
      throw new Error('EAGAIN');
    };
    const threads = new GuestThreads({ start });
    assert.equal(threads.answer({} as unknown as Exchange), undefined); // it looks at none of it
    assert.equal(threads.hasFailed, false);
    assert.throws(() => threads.become(2), /EAGAIN/);
    assert.deepEqual([threads.count, threads.hasFailed], [0, true]);
  });
});

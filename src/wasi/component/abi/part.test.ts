import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { GuestTrap } from './guest-trap.ts';
import { Part } from './part.ts';

describe('Part', () => {
  it('calls nobody while it does something for its caller', () => {
    const part = new Part(0);
    part.leave();
    part.aside(() => assert.throws(() => part.leave(), GuestTrap));
    part.leave();
  });

  it('goes on after waiting only when what interrupted it is over', async () => {
    const part = new Part(0);
    const order: string[] = [];
    const outer = part.afterInterruptions(Promise.resolve()).then(() => order.push('outer'));
    part.interrupt();
    const inner = part.afterInterruptions(Promise.resolve()).then(() => order.push('inner'));
    await inner;
    part.resume();
    await outer;
    assert.deepEqual(order, ['inner', 'outer']);
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { GuestTrap } from '../abi/guest-trap.ts';
import { Admission } from './admission.ts';
import { Waits } from './waits.ts';

/** Those of a program in which others go on meanwhile. */
function waitsOfMany(): Waits {
  const waits = new Waits();
  for (let call = 0; call < 100; call++) waits.begin();
  return waits;
}

describe('Admission', () => {
  it('lets in one at a time, in order, and first those who return', async () => {
    const admission = new Admission({ waits: waitsOfMany() });
    const entered: string[] = [];
    for (const name of ['first', 'second', 'third']) {
      admission.enter(() => entered.push(name));
    }
    assert.deepEqual(entered, ['first']);
    const returned = admission.return().then(() => entered.push('returned'));
    admission.leave();
    await returned;
    admission.leave();
    await Promise.resolve();
    assert.deepEqual(entered, ['first', 'returned', 'second']);
  });

  it('lets nobody in who has given up', async () => {
    const admission = new Admission({ waits: waitsOfMany() });
    const entered: string[] = [];
    admission.enter(() => entered.push('first'));
    const giveUp = admission.enter(() => entered.push('second'));
    giveUp?.();
    admission.enter(() => entered.push('third'));
    admission.leave();
    await Promise.resolve();
    assert.deepEqual(entered, ['first', 'third']);
  });

  it('lets nobody new in under backpressure, but those who return', async () => {
    const admission = new Admission({ waits: waitsOfMany() });
    const entered: string[] = [];
    admission.changeBackpressure(1);
    admission.enter(() => entered.push('new'));
    assert.ok(admission.tryReturn());
    admission.leave();
    assert.deepEqual(entered, []);
    admission.changeBackpressure(-1);
    await Promise.resolve();
    assert.deepEqual(entered, ['new']);
    assert.throws(() => admission.changeBackpressure(-1), GuestTrap);
  });
});

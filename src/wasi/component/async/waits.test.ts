import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Waits } from './waits.ts';

describe('Waits', () => {
  it('lets the only call wait for what may come, and for nothing else', () => {
    const waits = new Waits();
    const goOn = waits.until(() => true);
    waits.mustGoOn();
    goOn();
    waits.until(() => false);
    assert.throws(() => waits.mustGoOn(), /deadlock/);
  });

  it('finds a deadlock when the last call has begun to wait, and not before', () => {
    const waits = new Waits();
    waits.begin();
    waits.until(() => false);
    waits.mustGoOn();
    waits.until(() => false);
    assert.throws(() => waits.mustGoOn(), /deadlock/);
  });

  it('finds a deadlock when the call ends that the others wait for', () => {
    const waits = new Waits();
    waits.begin();
    waits.until(() => false);
    waits.end();
    assert.throws(() => waits.mustGoOn(), /deadlock/);
  });

  it('asks again whenever a call begins to wait', () => {
    const waits = new Waits();
    let isReady = true;
    waits.until(() => isReady);
    waits.mustGoOn();
    isReady = false;
    assert.throws(() => waits.mustGoOn(), /deadlock/);
  });
});

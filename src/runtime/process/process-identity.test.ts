import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { bootId, isRunning, startTimeOf } from './process-identity.ts';

describe('isRunning', () => {
  const { pid } = process;
  const startTime = startTimeOf(pid) ?? assert.fail();

  it('knows a process of this boot', () => {
    const boot = bootId() ?? assert.fail();
    assert.match(boot, /^[0-9a-f-]{36}$/);
    assert.ok(isRunning({ pid, startTime, boot }));
  });

  it('takes none for one of another boot, whatever its pid and start time', () => {
    assert.ok(!isRunning({ pid, startTime, boot: '00000000-0000-0000-0000-000000000000' }));
  });
});

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { startTimeOf } from './process-identity.ts';
import { signalGroup } from './signal-group.ts';

describe('signalGroup', () => {
  for (const [name, detached] of [
    ['ends the group that the process leads', true],
    ['ends a process that does not lead a group yet', false],
  ] as const) {
    it(name, async () => {
      const child = spawn('sleep', ['60'], { detached, stdio: 'ignore' });
      await once(child, 'spawn');
      const pid = child.pid ?? assert.fail();
      const identity = { pid, startTime: startTimeOf(pid) ?? assert.fail() };
      const exited = once(child, 'exit');
      assert.equal(signalGroup(identity, 'SIGTERM'), true);
      assert.deepEqual(await exited, [null, 'SIGTERM']);
      assert.equal(signalGroup(identity, 'SIGTERM'), false);
    });
  }

  it('leaves a process alone that has come to the pid since', () => {
    assert.equal(signalGroup({ pid: process.pid, startTime: '1' }, 'SIGKILL'), false);
  });
});

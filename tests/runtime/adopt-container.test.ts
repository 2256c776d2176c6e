import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { killParent } from './kill-parent.ts';
import { TestRuntime } from './test-runtime.ts';

describe('adoptContainer', () => {
  it('loses nothing and starts nothing twice when the parent is killed', async () => {
    await using test = new TestRuntime();
    let containers = 0;
    for (let round = 0; round < 3; round += 1) {
      const { running, ended } = await killParent(test, round);
      containers += running + ended;
    }
    assert.ok(containers > 0, 'the parent was killed before it started anything');
  });
});

import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { QuietWatch } from './quiet-watch.ts';

const look = 5_000;

describe('QuietWatch', () => {
  function watch(context: TestContext) {
    context.mock.timers.enable({ apis: ['setInterval'] });
    let told = 0;
    const quiet = new QuietWatch(() => (told += 1));
    return {
      keepBusy: () => quiet.keepBusy(),
      /** So many requests in each of so many looks. */
      pass(requests: number, looks = 1): number {
        for (let at = 0; at < looks; at++) {
          for (let request = 0; request < requests; request++) quiet.note();
          context.mock.timers.tick(look);
        }
        return told;
      },
    };
  }

  it('tells once that the server is left alone after each load', (context) => {
    const { pass } = watch(context);
    assert.equal(pass(100, 10), 0);
    assert.equal(pass(0, 2), 0);
    assert.equal(pass(0, 1), 1);
    assert.equal(pass(0, 10), 1);
    assert.equal(pass(100), 1);
    assert.equal(pass(0, 3), 2);
  });

  it('does not take probes for a load', (context) => {
    const { pass } = watch(context);
    assert.equal(pass(2, 10), 0);
    assert.equal(pass(100), 0);
    assert.equal(pass(2, 3), 1);
  });

  it('waits for as long as something is left of a load', (context) => {
    const { pass, keepBusy } = watch(context);
    pass(100);
    for (let at = 0; at < 10; at++) {
      keepBusy();
      assert.equal(pass(0), 0);
    }
    assert.equal(pass(0, 2), 0);
    assert.equal(pass(0), 1);
  });

  it('waits anew after each load', (context) => {
    const { pass } = watch(context);
    for (let round = 0; round < 5; round++) {
      assert.equal(pass(100), 0);
      assert.equal(pass(0, 2), 0);
    }
  });
});

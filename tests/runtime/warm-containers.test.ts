import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { HttpContainer } from './http-container.ts';
import { TestRuntime } from './test-runtime.ts';

const hello = path.resolve(import.meta.dirname, '../fixtures/components/http-hello.wasm');
/** More than rehearsals take, on a busy machine. */
const tries = 100;

/** Pids of what a fork server for event loops has forked and nobody has asked for yet, and of itself. */
function notYetContainers(): Set<number> {
  const pids = readdirSync('/proc').map(Number).filter(Number.isInteger);
  return new Set(pids.filter((pid) => commandOf(pid).startsWith('krustlet-zygote: test (fork')));
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1');
  } catch {
    return ''; // it has ended
  }
}

describe('HTTP containers', () => {
  it('are forked ahead, and once more when their fork server has rehearsed', async () => {
    await using test = new TestRuntime();
    const start = async () => {
      const ahead = notYetContainers();
      await using served = await HttpContainer.start(test, hello);
      assert.equal((await served.ask('')).status, 200);
      return ahead.has(served.container.pid ?? 0);
    };
    const afterWarmth = async () => {
      await start(); // the first, which nobody has expected
      for (let round = 0; round < tries; round++) {
        await sleep(200);
        if (!(await start())) return round;
      }
      return undefined;
    };
    const round = await afterWarmth();
    assert.ok(round !== undefined && round > 0, `round ${round}`);
    assert.deepEqual([await start(), await start()], [true, true]);
  });
});

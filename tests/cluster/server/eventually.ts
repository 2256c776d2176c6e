import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';

/** Asks again and again until the answer is yes; fails after some seconds, with what was seen last. */
export async function eventually(
  check: () => Promise<boolean> | boolean,
  seen: () => string | undefined = () => undefined,
  seconds = 20,
): Promise<void> {
  const deadline = performance.now() + seconds * 1000;
  while (!(await check())) {
    assert.ok(performance.now() < deadline, `not in ${seconds} s; last seen: ${seen()}`);
    await sleep(50);
  }
}
